//! Parts of a schema that this server can't serve. It does not start with such a schema, and the error names the parts.

use async_graphql::{
    EmptyMutation, EmptySubscription, InputValueError, InputValueResult, Object, Scalar, ScalarType, Schema,
    Subscription, Value,
};
use fieldguard::{
    api::CONVENTIONS,
    domain::permission,
    guard::registry::{self, Fault},
    guarded,
};
use futures_util::{Stream, stream};

use super::BOOKS_READ;
use crate::app::Server;

/// A scalar with the same name as that of async-graphql.
struct Upload;

#[Scalar]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::Null
    }
}

struct Query;

#[guarded]
#[Object]
impl Query {
    #[public]
    async fn open(&self) -> i32 {
        1
    }

    #[requires(permission = BOOKS_READ)]
    async fn title(&self) -> Option<i32> {
        Some(1)
    }

    #[requires(role = "Head of the library", permission = BOOKS_READ)]
    async fn shelves(&self) -> Option<i32> {
        Some(1)
    }

    #[public]
    async fn scan(&self, file: Option<Upload>) -> bool {
        file.is_none()
    }
}

struct Events;

#[guarded(public)]
#[Subscription]
impl Events {
    async fn arrivals(&self) -> impl Stream<Item = i32> {
        stream::iter([1])
    }
}

fn faults() -> Vec<Fault> {
    let unknown = |field: &str| Fault::UnknownPermission(field.to_owned(), "books:read".to_owned());
    vec![
        unknown("Query.shelves"),
        unknown("Query.title"),
        Fault::ImpossibleRole("Query.shelves".to_owned(), "Head of the library".to_owned()),
        Fault::Upload("Query.scan".to_owned()),
        Fault::Subscription("Events".to_owned()),
    ]
}

#[test]
fn unusable_parts_of_a_schema_are_found() {
    let is_role = |name: &str| !name.contains(' ');
    let found = |catalogue| {
        let builder = registry::complete(Schema::build(Query, EmptyMutation, Events), &CONVENTIONS);
        registry::inspect(builder, |registry| registry::unusable(registry, &catalogue, is_role)).1
    };
    assert_eq!(found(permission::builtin()), faults());
    assert_eq!(found(permission::builtin().with(BOOKS_READ)), faults()[2..]);

    let sound = registry::complete(
        Schema::build(super::introspection::Query::default(), EmptyMutation, EmptySubscription),
        &CONVENTIONS,
    );
    let catalogue = permission::builtin().with(BOOKS_READ).with(super::BOOKS_LEND);
    assert_eq!(registry::inspect(sound, |registry| registry::unusable(registry, &catalogue, is_role)).1, []);
}

#[tokio::test]
async fn server_does_not_start_with_an_unusable_schema() {
    let server = Server::start().await;
    let schema = Schema::build(Query, EmptyMutation, Events);
    let error = server.app.router(schema).expect_err("the schema cannot be served").to_string();
    for fault in faults() {
        assert!(error.contains(&format!("\n  - {fault}")), "{fault} is missing: {error}");
    }
    assert!(error.contains("`Query.title` requires the permission `books:read`"), "{error}");
}
