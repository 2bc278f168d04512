//! Paths, coordinates and sources of errors.

use std::sync::Arc;

use async_graphql::{ComplexObject, EmptyMutation, EmptySubscription, Error, Object, Schema, SimpleObject};
use fieldguard::{
    domain::{principal::Principal, rule::Rule},
    guard::{self, directive::Public},
    guarded,
};
use serde_json::json;

use super::{BOOKS_READ, LIBRARIAN, ask, data, errors, principal_with, refused, request};

#[derive(Debug, PartialEq)]
struct Cause(i32);

struct Query;

#[derive(SimpleObject, Clone)]
#[graphql(complex)]
struct Shelf {
    #[graphql(directive = Public::apply())]
    number: i32,
    #[graphql(skip)]
    code: i32,
}

impl guard::Owned for Shelf {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        self.code == 7 && caller.is_some()
    }
}

#[guarded(role = LIBRARIAN)]
#[ComplexObject]
impl Shelf {
    async fn code(&self) -> Option<i32> {
        Some(self.code)
    }

    #[requires(permission = BOOKS_READ, or_self)]
    fn lock(&self) -> Option<i32> {
        Some(self.code)
    }
}

#[guarded(public)]
#[Object]
impl Query {
    async fn shelves(&self) -> Vec<Shelf> {
        vec![Shelf { number: 1, code: 7 }, Shelf { number: 2, code: 8 }]
    }

    async fn failing(&self) -> Result<Option<i32>, Error> {
        let mut error = Error::new("failed");
        error.source = Some(Arc::new(Cause(3)));
        Err(error)
    }

    #[graphql(name = "other")]
    #[requires(signed_in)]
    async fn inner(&self) -> Option<i32> {
        Some(1)
    }
}

fn schema() -> Schema<Query, EmptyMutation, EmptySubscription> {
    Schema::new(Query, EmptyMutation, EmptySubscription)
}

#[tokio::test]
async fn complex_objects_are_guarded() {
    let document = "{ shelves { number code lock } }";
    let librarian = principal_with(&[LIBRARIAN], &[]);
    let answer = ask(&schema(), document, Some(&librarian)).await;
    let expected = json!([{"number": 1, "code": 7, "lock": 7}, {"number": 2, "code": 8, "lock": null}]);
    assert_eq!(answer["data"]["shelves"], expected);
    assert_eq!(errors(&answer), refused("FORBIDDEN", &["shelves.1.lock"]));
    assert_eq!(answer["errors"][0]["extensions"]["coordinate"], "Shelf.lock");
    let answer = ask(&schema(), document, Some(&principal_with(&["user"], &[BOOKS_READ]))).await;
    let expected = json!([{"number": 1, "code": null, "lock": null}, {"number": 2, "code": null, "lock": null}]);
    assert_eq!(answer["data"]["shelves"], expected);
    let full = principal_with(&[LIBRARIAN], &[BOOKS_READ]);
    data(&ask(&schema(), document, Some(&full)).await);
}

#[tokio::test]
async fn alias_changes_the_path_and_not_the_coordinate() {
    let answer = ask(&schema(), "{ a: other b: other ...F } fragment F on Query { c: other }", None).await;
    assert_eq!(answer["data"], json!({"a": null, "b": null, "c": null}));
    assert_eq!(errors(&answer), refused("UNAUTHENTICATED", &["a", "b", "c"]));
    for error in answer["errors"].as_array().unwrap() {
        assert_eq!(error["extensions"]["coordinate"], "Query.other");
        assert!(error["locations"][0]["line"].is_number(), "{error}");
    }
}

#[tokio::test]
async fn source_of_a_resolver_error_is_kept() {
    let mut response = schema().execute(request("{ failing other }", None)).await;
    guard::restore_paths(&mut response.errors);
    let sources: Vec<_> = response.errors.iter().map(|error| error.source::<Cause>()).collect();
    assert_eq!(sources, [Some(&Cause(3)), None]);
}

struct Native;

#[Object(name = "Query")]
impl Native {
    #[graphql(guard = "guard::RuleGuard(Rule::SIGNED_IN.permission(BOOKS_READ))")]
    async fn guarded(&self) -> i32 {
        1
    }
}

#[tokio::test]
async fn rule_works_as_a_guard_of_async_graphql() {
    let schema = Schema::new(Native, EmptyMutation, EmptySubscription);
    let answer = ask(&schema, "{ guarded }", None).await;
    assert_eq!(errors(&answer), refused("UNAUTHENTICATED", &["guarded"]));
    assert_eq!(answer["errors"][0]["extensions"]["coordinate"], "Query.guarded");
    assert_eq!(
        data(&ask(&schema, "{ guarded }", Some(&principal_with(&["user"], &[BOOKS_READ]))).await),
        &json!({"guarded": 1})
    );
}
