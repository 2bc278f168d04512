//! Federation: entity finders are guarded, although they are not fields.

use async_graphql::{EmptyMutation, EmptySubscription, MergedObject, Object, Schema};
use fieldguard::guarded;
use serde_json::json;

use super::{ask, data, errors, reader, refused};

struct Book;

#[guarded]
#[Object]
impl Book {
    #[public]
    async fn id(&self) -> i32 {
        1
    }

    #[requires(signed_in)]
    async fn price(&self) -> Option<i32> {
        Some(2)
    }
}

struct Film;

#[guarded(public)]
#[Object]
impl Film {
    async fn id(&self) -> i32 {
        1
    }
}

#[derive(MergedObject)]
struct Query(Finders);

struct Finders;

#[guarded]
#[Object]
impl Finders {
    #[public]
    async fn open(&self) -> i32 {
        1
    }

    #[public]
    #[graphql(entity)]
    async fn find_book(&self, id: i32) -> Option<Book> {
        (id == 1).then_some(Book)
    }

    #[requires(signed_in)]
    #[graphql(entity)]
    async fn find_film(&self, id: i32) -> Option<Film> {
        (id == 1).then_some(Film)
    }
}

const FILM: &str = r#"{ _entities(representations: [{__typename: "Film", id: 1}]) { ... on Film { id } } }"#;

#[tokio::test]
async fn entity_finders_and_their_results_are_guarded() {
    let schema = Schema::build(Query(Finders), EmptyMutation, EmptySubscription).enable_federation().finish();
    let book = r#"{ _entities(representations: [{__typename: "Book", id: 1}]) { ... on Book { id price } } }"#;
    let answer = ask(&schema, book, None).await;
    assert_eq!(answer["data"], json!({"_entities": [{"id": 1, "price": null}]}));
    assert_eq!(answer["errors"][0]["extensions"]["coordinate"], "Book.price");
    let answer = ask(&schema, FILM, None).await;
    assert_eq!(answer["data"], json!({"_entities": [null]}));
    assert_eq!(errors(&answer), refused("UNAUTHENTICATED", &["_entities"]));
    assert_eq!(answer["errors"][0]["extensions"]["coordinate"], "Query._entities");
    assert_eq!(data(&ask(&schema, FILM, Some(&reader())).await), &json!({"_entities": [{"id": 1}]}));
}
