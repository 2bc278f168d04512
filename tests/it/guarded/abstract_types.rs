//! Interfaces and unions: a value's own rules apply, whichever path leads to it.

use async_graphql::{EmptyMutation, EmptySubscription, Interface, Object, Schema, Union};
use fieldguard::guarded;
use serde_json::json;

use super::{ask, data, errors, reader, refused};

struct Book;
struct Film;

#[guarded]
#[Object]
impl Book {
    #[public]
    async fn title(&self) -> &str {
        "b"
    }

    #[requires(signed_in)]
    async fn price(&self) -> Option<i32> {
        Some(1)
    }

    #[requires(signed_in)]
    async fn hard(&self) -> i32 {
        2
    }
}

#[guarded]
#[Object]
impl Film {
    #[public]
    async fn title(&self) -> &str {
        "f"
    }

    #[public]
    async fn price(&self) -> Option<Result<i32, async_graphql::Error>> {
        Some(Ok(3))
    }

    #[public]
    async fn hard(&self) -> i32 {
        4
    }
}

#[derive(Interface)]
#[graphql(
    field(name = "title", ty = "&str"),
    field(name = "price", ty = "Option<Result<i32, async_graphql::Error>>"),
    field(name = "hard", ty = "i32")
)]
enum Item {
    Book(Book),
    Film(Film),
}

#[derive(Union)]
enum Found {
    Book(Book),
    Film(Film),
}

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    async fn item(&self) -> Item {
        Item::Book(Book)
    }

    async fn items(&self) -> Vec<Option<Item>> {
        vec![Some(Item::Book(Book)), Some(Item::Film(Film))]
    }

    async fn found(&self) -> Vec<Found> {
        vec![Found::Book(Book), Found::Film(Film)]
    }
}

fn schema() -> Schema<Query, EmptyMutation, EmptySubscription> {
    Schema::new(Query, EmptyMutation, EmptySubscription)
}

#[tokio::test]
async fn rules_apply_through_interfaces_and_unions() {
    let fragment = " fragment P on Book { price }";
    for (selection, field) in [
        ("item { title price }", "item"),
        ("item { title ... on Book { price } }", "item"),
        ("item { title ... on Item { price } }", "item"),
        ("item { title ...P }", "item"),
        ("item { __typename title ... on Book { ... on Item { ... on Book { price } } } }", "item"),
    ] {
        let spread = if selection.contains("...P") { fragment } else { "" };
        let answer = ask(&schema(), &format!("{{ {selection} }} {spread}"), None).await;
        assert_eq!(answer["data"]["item"]["title"], "b", "{selection}");
        assert_eq!(answer["data"]["item"]["price"], json!(null), "{selection}");
        assert_eq!(errors(&answer), refused("UNAUTHENTICATED", &[&format!("{field}.price")]), "{selection}");
        assert_eq!(answer["errors"][0]["extensions"]["coordinate"], "Book.price", "{selection}");
    }
    let answer = ask(&schema(), "{ found { ... on Book { title price } ... on Film { title price } } }", None).await;
    assert_eq!(answer["data"], json!({"found": [{"title": "b", "price": null}, {"title": "f", "price": 3}]}));
    assert_eq!(errors(&answer), refused("UNAUTHENTICATED", &["found.0.price"]));
}

#[tokio::test]
async fn denied_non_null_field_nulls_its_parent_through_an_interface() {
    let answer = ask(&schema(), "{ items { title hard } }", None).await;
    assert_eq!(answer["data"], json!({"items": [null, {"title": "f", "hard": 4}]}));
    assert_eq!(errors(&answer), refused("UNAUTHENTICATED", &["items.0.hard"]));
}

#[tokio::test]
async fn signed_in_caller_gets_every_value_through_an_interface() {
    let answer = ask(&schema(), "{ items { title price hard } }", Some(&reader())).await;
    let expected = json!({"items": [{"title": "b", "price": 1, "hard": 2}, {"title": "f", "price": 3, "hard": 4}]});
    assert_eq!(data(&answer), &expected);
}
