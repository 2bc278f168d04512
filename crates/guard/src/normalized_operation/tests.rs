use std::fmt::Write;

use async_graphql::{
    EmptyMutation, EmptySubscription, ID, Interface, Object, Schema, Union, Variables, parser::parse_query,
};
use serde_json::json;

use super::*;
use crate::admission;
use crate::registry;

struct Book;

#[Object]
impl Book {
    async fn id(&self) -> ID {
        ID::from("1")
    }

    async fn title(&self) -> &str {
        ""
    }

    async fn next(&self) -> Item {
        Book.into()
    }
}

struct Film;

#[Object]
impl Film {
    async fn id(&self) -> ID {
        ID::from("2")
    }

    async fn title(&self) -> &str {
        ""
    }

    async fn next(&self) -> Item {
        Book.into()
    }
}

struct Person;

#[Object]
impl Person {
    async fn id(&self) -> ID {
        ID::from("3")
    }

    async fn next(&self) -> Item {
        Book.into()
    }
}

#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID"), field(name = "next", ty = "Item"))]
enum Item {
    Book(Book),
    Film(Film),
    Person(Person),
}

#[derive(Interface)]
#[graphql(field(name = "title", ty = "&str"))]
enum Work {
    Book(Book),
    Film(Film),
}

#[derive(Union)]
enum Found {
    Book(Book),
    Person(Person),
}

struct Query;

#[Object]
impl Query {
    async fn book(&self, number: Option<i32>) -> Book {
        let _ = number;
        Book
    }

    async fn item(&self) -> Item {
        Book.into()
    }

    async fn work(&self) -> Work {
        Book.into()
    }

    async fn found(&self) -> Found {
        Book.into()
    }
}

fn types() -> TypeSystem {
    registry::inspect(Schema::build(Query, EmptyMutation, EmptySubscription), TypeSystem::of).1
}

fn normal(document: &str, variables: Option<serde_json::Value>, maximum: usize) -> Result<String, NotNormal> {
    let document = parse_query(document).unwrap();
    let (_, operation) = admission::operation(&document, None).unwrap();
    let variables = variables.map(Variables::from_json);
    let normalized = normalize(&types(), &document, operation, variables.as_ref(), maximum)?;
    Ok(printed(&normalized.definition.selection_set.node))
}

fn printed(set: &SelectionSet) -> String {
    let selection = |selection: &Positioned<Selection>| match &selection.node {
        Selection::Field(field) => {
            let alias = field.node.alias.as_ref().map(|alias| format!("{}: ", alias.node)).unwrap_or_default();
            let below = &field.node.selection_set.node;
            let below = if below.items.is_empty() { String::new() } else { format!(" {}", printed(below)) };
            format!("{alias}{}{below}", field.node.name.node)
        }
        Selection::InlineFragment(fragment) => {
            let condition = fragment.node.type_condition.as_ref().unwrap();
            format!("... on {} {}", condition.node.on.node, printed(&fragment.node.selection_set.node))
        }
        Selection::FragmentSpread(_) => panic!("a normal form has no fragments by name"),
    };
    format!("{{ {} }}", set.items.iter().map(selection).collect::<Vec<_>>().join(" "))
}

#[test]
fn response_keys_are_merged_in_document_order() {
    for (document, expected) in [
        ("{ book { id title } }", "{ book { id title } }"),
        ("{ book { id title id } book { title } }", "{ book { id title } }"),
        ("{ a: book { id } b: book { id } a: book { title } }", "{ a: book { id title } b: book { id } }"),
        (
            "{ ...A ...B } fragment A on Query { book { id } } fragment B on Query { book { title } }",
            "{ book { id title } }",
        ),
        ("{ ...A ...A } fragment A on Query { book { ...C } } fragment C on Book { title }", "{ book { title } }"),
        ("{ book { ... { id } ... on Book { title ... on Item { id } } } }", "{ book { id title } }"),
        ("{ book { ... on Film { id } title } }", "{ book { title } }"),
        ("{ book { next { id } } book { next { id next { id } } } }", "{ book { next { id next { id } } } }"),
        ("{ __schema { types { name } types { kind } } }", "{ __schema { types { name kind } } }"),
        (
            "{ __type(name: \"Book\") { fields { name ...F } } } fragment F on __Field { name type { name } }",
            "{ __type { fields { name type { name } } } }",
        ),
        ("{ __typename __typename }", "{ __typename }"),
    ] {
        assert_eq!(normal(document, None, 100).as_deref(), Ok(expected), "{document}");
    }
}

#[test]
fn interface_fields_are_merged_per_object_type() {
    for (document, expected) in [
        ("{ item { id ... on Item { id } ... { id } } }", "{ item { id } }"),
        ("{ item { id ... on Book { title } } }", "{ item { id ... on Book { title } } }"),
        // The key occurs on every object, and twice for books: each object gets the merged field.
        (
            "{ item { next { id } ... on Book { next { next { id } } } } }",
            "{ item { ... on Book { next { id next { id } } } ... on Film { next { id } } ... on Person { next { id } } } }",
        ),
        (
            "{ item { ... on Work { title } ... on Book { t: title title } } }",
            "{ item { ... on Book { title } ... on Film { title } ... on Book { t: title } } }",
        ),
        (
            "{ item { ... on Book { id } x: id ... on Person { id x: id } } }",
            "{ item { ... on Book { id x: id } ... on Film { x: id } ... on Person { x: id id } } }",
        ),
        (
            "{ item { ... on Work { ... on Film { title } ... on Person { id } } } }",
            "{ item { ... on Work { ... on Film { title } } } }",
        ),
        ("{ item { ... on Film { title } ... on Film { id title } } }", "{ item { ... on Film { title id } } }"),
        // Every work is an item, but `Work` has no `id`, and a union has no fields at all.
        ("{ work { title ... on Item { id } } }", "{ work { title ... on Item { id } } }"),
        ("{ work { title ... on Item { ... on Work { t: title } } } }", "{ work { title t: title } }"),
        (
            "{ found { __typename ... on Item { __typename id } ... on Book { title } } }",
            "{ found { __typename ... on Item { id } ... on Book { title } } }",
        ),
        (
            "{ found { ... on Item { id } ... on Book { id title } } }",
            "{ found { ... on Book { id } ... on Person { id } ... on Book { title } } }",
        ),
    ] {
        assert_eq!(normal(document, None, 100).as_deref(), Ok(expected), "{document}");
    }
}

#[test]
fn skip_and_include_are_applied() {
    let document = "query ($a: Boolean!) {
        book { id @include(if: $a) title @skip(if: $a) ...F @skip(if: $a) ... @include(if: false) { next { id } } }
    } fragment F on Book { id }";
    for (variables, expected) in [
        (Some(json!({ "a": true })), "{ book { id } }"),
        (Some(json!({ "a": false })), "{ book { title id } }"),
        (None, "{ book { id title } }"),
    ] {
        assert_eq!(normal(document, variables, 100).as_deref(), Ok(expected));
    }
    assert_eq!(normal("{ book { id @skip(if: true) } }", None, 100).as_deref(), Ok("{ book }"));
}

#[test]
fn normal_form_is_limited_in_size() {
    let document = "{ item { next { id } ... on Book { next { title: id } } } }";
    assert!(normal(document, None, 8).is_ok());
    assert_eq!(normal(document, None, 7), Err(NotNormal::TooLarge));
    // Two conditions per level: without the limit, three to the power of the depth.
    let mut document = "{ item { ...F0 } }".to_owned();
    for n in 0..20 {
        let m = n + 1;
        write!(document, " fragment F{n} on Item {{ next {{ ...F{m} }} ... on Book {{ next {{ id }} }} }}").unwrap();
    }
    document += " fragment F20 on Item { id }";
    assert_eq!(normal(&document, None, 1_000), Err(NotNormal::TooLarge));
}

#[test]
fn fields_that_cannot_be_merged_have_no_normal_form() {
    for document in [
        "{ book(number: 1) { id } ... on Query { book { id } } }",
        "{ ...A book(number: 2) { id } } fragment A on Query { book(number: 1) { id } }",
        "{ book { x: id } ... on Query { book { x: title } } }",
        "{ item { x: id ... on Book { x: title } } }",
        "query ($n: Int) { book(number: $n) { id } ... { book(number: 1) { id } } }",
    ] {
        let result = normal(document, None, 100);
        assert!(matches!(result, Err(NotNormal::Conflict(_))), "{document}: {result:?}");
    }
    for document in [
        "{ book(number: 1) { id } ... on Query { book(number: 1) { title } } }",
        // No object is a book and a film.
        "{ item { ... on Book { x: id } ... on Film { x: title } } }",
    ] {
        assert!(normal(document, None, 100).is_ok(), "{document}");
    }
}
