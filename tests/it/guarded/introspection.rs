//! What introspection shows to each caller, and the schema printed for a role.

use async_graphql::{
    EmptyMutation, Enum, InputObject, Interface, MergedObject, Object, Schema, SchemaBuilder, SimpleObject,
    Subscription,
};
use fieldguard::{
    api::CONVENTIONS,
    domain::principal::Principal,
    guard::{Owned, SchemaView, directive::Public, registry},
    guarded,
};
use futures_util::{Stream, stream};
use serde_json::{Value, json};

use super::{BOOKS_LEND, BOOKS_READ, LIBRARIAN, ask, data, principal_with, reader, request};

#[derive(MergedObject, Default)]
pub struct Query(Open, Members, Staff);

#[derive(Default)]
pub struct Open;
#[derive(Default)]
pub struct Members;
#[derive(Default)]
pub struct Staff;

pub struct Book;
pub struct Ledger;

#[derive(SimpleObject)]
pub struct Entry {
    #[graphql(directive = Public::apply())]
    sum: i32,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    Old,
    New,
}

#[derive(InputObject)]
pub struct Filter {
    pub era: Option<Era>,
}

#[derive(Interface)]
#[graphql(field(name = "title", ty = "&str"), field(name = "price", ty = "Option<Result<i32, async_graphql::Error>>"))]
pub enum Item {
    Book(Book),
    Print(Print),
}

pub struct Print;

impl Owned for Book {
    type Principal = Principal;

    fn is_owned_by(&self, _: Option<&Principal>) -> bool {
        false
    }
}

#[guarded(public)]
#[Object]
impl Open {
    /// A book.
    pub async fn book(&self) -> Book {
        Book
    }

    pub async fn item(&self) -> Item {
        Item::Print(Print)
    }
}

#[guarded(signed_in)]
#[Object]
impl Members {
    /// What the caller reads.
    ///
    /// Newest first.
    pub async fn reading(&self) -> Option<i32> {
        Some(1)
    }
}

#[guarded(permission = BOOKS_READ)]
#[Object]
impl Staff {
    pub async fn ledger(&self, filter: Option<Filter>) -> Option<Ledger> {
        filter.is_none().then_some(Ledger)
    }
}

/// Something to read.
#[guarded]
#[Object]
impl Book {
    #[public]
    pub async fn title(&self) -> &str {
        "t"
    }

    /// What it cost.
    #[requires(permission = BOOKS_READ)]
    pub async fn price(&self) -> Option<i32> {
        Some(1)
    }

    /// Who reads it.
    #[requires(role = LIBRARIAN, or_self)]
    pub async fn borrower(&self) -> Option<i32> {
        Some(1)
    }
}

#[guarded]
#[Object]
impl Print {
    #[public]
    pub async fn title(&self) -> &str {
        "t"
    }

    #[requires(signed_in)]
    pub async fn price(&self) -> Option<i32> {
        Some(1)
    }
}

#[guarded(permission = BOOKS_READ)]
#[Object]
impl Ledger {
    pub async fn entries(&self) -> Option<Vec<Entry>> {
        Some(vec![Entry { sum: 1 }])
    }

    #[requires(permission = BOOKS_LEND, or_self)]
    pub async fn lent(&self) -> Option<i32> {
        Some(1)
    }
}

impl Owned for Ledger {
    type Principal = Principal;

    fn is_owned_by(&self, _: Option<&Principal>) -> bool {
        true
    }
}

pub struct Events;

#[guarded(signed_in)]
#[Subscription]
impl Events {
    async fn lent(&self) -> impl Stream<Item = i32> {
        stream::iter([1])
    }
}

pub fn builder() -> SchemaBuilder<Query, EmptyMutation, Events> {
    registry::complete(Schema::build(Query::default(), EmptyMutation, Events), &CONVENTIONS)
}

const DOCUMENT: &str = "{ __schema {
    types { name fields { name args { name } } possibleTypes { name } interfaces { name } enumValues { name } }
    subscriptionType { name }
} }";

/// The types and coordinates that introspection shows to `caller`, without built-in types.
async fn shown(caller: Option<&Principal>) -> Vec<String> {
    names(data(&ask(&builder().finish(), DOCUMENT, caller).await))
}

fn names(data: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for ty in data["__schema"]["types"].as_array().unwrap() {
        let name = ty["name"].as_str().unwrap();
        if name.starts_with("__") || ["Boolean", "Int", "Float", "String", "ID"].contains(&name) {
            continue;
        }
        let fields = ty["fields"].as_array().cloned().unwrap_or_default();
        names.push(name.to_owned());
        names.extend(fields.iter().map(|field| format!("{name}.{}", field["name"].as_str().unwrap())));
    }
    names
}

#[tokio::test]
async fn introspection_shows_what_the_caller_can_reach() {
    let anonymous = [
        "Book",
        "Book.title",
        "Book.borrower",
        "Item",
        "Item.title",
        "Print",
        "Print.title",
        "Query",
        "Query.book",
        "Query.item",
    ];
    assert_eq!(shown(None).await, anonymous);
    let member = [
        "Book",
        "Book.title",
        "Book.borrower",
        "Events",
        "Events.lent",
        "Item",
        "Item.title",
        "Print",
        "Print.title",
        "Print.price",
        "Query",
        "Query.book",
        "Query.item",
        "Query.reading",
    ];
    assert_eq!(shown(Some(&reader())).await, member);
    let clerk = [
        "Book",
        "Book.title",
        "Book.price",
        "Book.borrower",
        "Entry",
        "Entry.sum",
        "Era",
        "Events",
        "Events.lent",
        "Filter",
        "Item",
        "Item.title",
        "Item.price",
        "Ledger",
        "Ledger.entries",
        "Ledger.lent",
        "Print",
        "Print.title",
        "Print.price",
        "Query",
        "Query.book",
        "Query.item",
        "Query.reading",
        "Query.ledger",
    ];
    assert_eq!(shown(Some(&principal_with(&["clerk"], &[BOOKS_READ]))).await, clerk);
    assert_eq!(shown(Some(&principal_with(&["admin"], &[]))).await, clerk);
}

#[tokio::test]
async fn full_introspection_shows_everything_and_rules_still_apply() {
    let schema = builder().finish();
    let full = |document| schema.execute(request(document, None).data(SchemaView::Whole));
    let everything = full(DOCUMENT).await.data.into_json().unwrap();
    assert_eq!(names(&everything), shown(Some(&principal_with(&["clerk"], &[BOOKS_READ]))).await);
    assert_eq!(full("{ reading }").await.data.into_json().unwrap(), json!({"reading": null}));
}

#[tokio::test]
async fn descriptions_end_with_the_rule() {
    let schema = builder().finish();
    let document = r#"{ book: __type(name: "Book") { fields { name description } }
        query: __type(name: "Query") { fields { name description } }
        ledger: __type(name: "Ledger") { fields { name description } } }"#;
    let answer = ask(&schema, document, Some(&principal_with(&["admin"], &[]))).await;
    let description = |ty: &str, name: &str| {
        let fields = data(&answer)[ty]["fields"].as_array().unwrap();
        fields.iter().find(|field| field["name"] == name).unwrap()["description"].clone()
    };
    assert_eq!(description("book", "title"), json!(null));
    assert_eq!(description("book", "price"), "What it cost. Requires the permission `books:read`.");
    assert_eq!(description("book", "borrower"), "Who reads it. Requires the role `librarian`, or account ownership.");
    assert_eq!(description("query", "book"), "A book.");
    assert_eq!(description("query", "reading"), "What the caller reads.\n\nNewest first.\n\nRequires being signed in.");
    assert_eq!(
        description("ledger", "lent"),
        "Requires the permission `books:read`. Requires the permission `books:lend`, or account ownership."
    );
}

#[tokio::test]
async fn schema_printed_for_a_role_matches_its_introspection() {
    let callers =
        [None, Some(reader()), Some(principal_with(&["clerk"], &[BOOKS_READ])), Some(principal_with(&["admin"], &[]))];
    for caller in callers {
        let restricted = registry::restrict(builder(), caller.as_ref().map(|principal| principal as _)).finish();
        let answer = restricted.execute(request(DOCUMENT, None).data(SchemaView::Whole)).await;
        assert_eq!(names(&answer.data.into_json().unwrap()), shown(caller.as_ref()).await, "{caller:?}");
        let sdl = restricted.sdl();
        assert_eq!(sdl.contains("Ledger"), caller.is_some_and(|caller| caller.can(BOOKS_READ)));
    }
}
