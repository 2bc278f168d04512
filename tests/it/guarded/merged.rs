//! Merged objects: the parts keep their rules, and denials name the merged type.

use async_graphql::{EmptySubscription, MergedObject, Object, Schema};
use fieldguard::guarded;
use serde_json::{Value, json};

use super::{BOOKS_READ, ask, errors, reader, refused};

#[derive(MergedObject, Default)]
struct Query(Open, Closed);

#[derive(MergedObject, Default)]
struct Mutation(Lending);

#[derive(MergedObject, Default)]
struct Profile(Face, Secrets);

#[derive(Default)]
struct Open;
#[derive(Default)]
struct Closed;
#[derive(Default)]
struct Lending;
#[derive(Default)]
struct Face;
#[derive(Default)]
struct Secrets;

#[guarded(public)]
#[Object]
impl Open {
    async fn open(&self) -> i32 {
        1
    }

    async fn profile(&self) -> Profile {
        Profile::default()
    }

    async fn profiles(&self) -> Vec<Profile> {
        vec![Profile::default()]
    }
}

#[guarded(permission = BOOKS_READ)]
#[Object]
impl Closed {
    async fn closed(&self) -> Option<i32> {
        Some(2)
    }

    async fn behind(&self) -> Option<Profile> {
        Some(Profile::default())
    }
}

#[guarded(signed_in)]
#[Object]
impl Lending {
    async fn lend(&self) -> Option<i32> {
        Some(3)
    }
}

#[guarded(public)]
#[Object]
impl Face {
    async fn name(&self) -> &str {
        "ann"
    }
}

#[guarded(signed_in)]
#[Object]
impl Secrets {
    async fn pin(&self) -> Option<i32> {
        Some(4)
    }
}

fn schema() -> Schema<Query, Mutation, EmptySubscription> {
    Schema::new(Query::default(), Mutation::default(), EmptySubscription)
}

fn coordinates(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().unwrap();
    let mut all: Vec<_> = errors.iter().map(|error| error["extensions"]["coordinate"].as_str().unwrap()).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn merged_object_keeps_the_rules_of_its_parts() {
    let document = "{ open closed behind { pin } profile { name pin } profiles { pin } }";
    let answer = ask(&schema(), document, None).await;
    let expected = json!({
        "open": 1, "closed": null, "behind": null, "profile": {"name": "ann", "pin": null}, "profiles": [{"pin": null}],
    });
    assert_eq!(answer["data"], expected);
    let paths = ["closed", "behind", "profile.pin", "profiles.0.pin"];
    assert_eq!(errors(&answer), refused("UNAUTHENTICATED", &paths));
    let mutation = ask(&schema(), "mutation { lend again: lend }", None).await;
    assert_eq!(mutation["data"], json!({"lend": null, "again": null}));
    assert_eq!(coordinates(&mutation), ["Mutation.lend", "Mutation.lend"]);
}

#[tokio::test]
async fn denials_name_the_merged_type() {
    for document in [
        "{ closed profile { pin } }",
        "{ a: closed @include(if: true) b: profile { c: pin } }",
        "{ ...A } fragment A on Query { closed profile { ...B } } fragment B on Profile { pin }",
        "{ ... on Query { closed } ... { profile { ... on Profile { pin } } } }",
        "{ ...A } fragment A on Query { ...C open ...C } fragment C on Query { closed p: profiles { name pin } }",
    ] {
        let answer = ask(&schema(), document, None).await;
        let mut found = coordinates(&answer);
        found.dedup();
        assert_eq!(found, ["Profile.pin", "Query.closed"], "{document}");
    }
}

#[tokio::test]
async fn signed_in_caller_runs_a_merged_mutation() {
    let answer = ask(&schema(), "mutation { lend }", Some(&reader())).await;
    assert_eq!(answer, json!({"data": {"lend": 3}}));
}
