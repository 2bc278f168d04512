//! Fields with the same response key run once, with the selections of all (GraphQL specification, section 6.3.2).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{Context, EmptySubscription, Object, Schema};
use fieldguard::guarded;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use crate::{
    app::{Server, each, settings},
    personal_access_tokens,
};

#[on_each_database]
async fn mutation_in_two_fragments_runs_once() {
    each(async |server| {
        let bob = server.user("bob").await;
        let create = "createPersonalAccessToken(input: { name: \"ci\", permissions: [] })";
        let document = format!(
            "mutation {{ ...A ...B }} fragment A on Mutation {{ {create} {{ personalAccessToken {{ id }} }} }}
             fragment B on Mutation {{ {create} {{ token personalAccessToken {{ name }} }} }}"
        );
        let answer = bob.gql(&document).await.ok();
        let listed = personal_access_tokens::list(&bob).await;
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert_eq!(answer.at("/data/createPersonalAccessToken/personalAccessToken/id"), &listed[0]["id"]);
        assert_eq!(answer.at("/data/createPersonalAccessToken/personalAccessToken/name"), "ci");
        let script = bob.bearing(answer.at("/data/createPersonalAccessToken/token").as_str().unwrap());
        script.gql("{ me { id } }").await.ok();
    })
    .await;
}

#[on_each_database]
async fn mutation_repeated_under_one_key_runs_once() {
    each(async |server| {
        let ada = server.admin().await;
        let create = "createUser(input: { username: \"bob\" })";
        let document =
            format!("mutation {{ {create} {{ code }} {create} {{ user {{ username }} }} other: {create} {{ code }} }}");
        let answer = ada.gql(&document).await;
        assert_eq!(answer.at("/data/createUser/user/username"), "bob", "{}", answer.text);
        assert!(answer.at("/data/createUser/code").is_string());
        assert_eq!(answer.codes(), ["CONFLICT"], "a different response key runs again");
    })
    .await;
}

/// Counts how often fields ran.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

struct Shelf;

#[guarded(public)]
#[Object]
impl Shelf {
    async fn number(&self, ctx: &Context<'_>) -> usize {
        ctx.data_unchecked::<Runs>().0.fetch_add(1, Ordering::Relaxed)
    }

    async fn shelves(&self) -> Vec<Self> {
        vec![Self, Self]
    }

    async fn shelf(&self, ctx: &Context<'_>) -> Option<Self> {
        ctx.data_unchecked::<Runs>().0.fetch_add(1, Ordering::Relaxed);
        Some(Self)
    }
}

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    async fn shelf(&self, ctx: &Context<'_>) -> Option<Shelf> {
        ctx.data_unchecked::<Runs>().0.fetch_add(1, Ordering::Relaxed);
        Some(Shelf)
    }
}

struct Mutation;

#[guarded(public)]
#[Object]
impl Mutation {
    async fn add(&self, ctx: &Context<'_>) -> Option<Shelf> {
        ctx.data_unchecked::<Runs>().0.fetch_add(1, Ordering::Relaxed);
        Some(Shelf)
    }
}

#[tokio::test]
async fn field_runs_once_however_often_it_is_selected() {
    let runs = Runs::default();
    let schema = Schema::build(Query, Mutation, EmptySubscription).data(runs.clone());
    let server = Server::serving(|config| *config = settings(), |app| app.router(schema).unwrap()).await;
    for (document, variables, expected, count) in [
        ("{ shelf { number } shelf { number } }", json!({}), json!({ "shelf": { "number": 1 } }), 2),
        (
            "{ shelf { ...F ...F shelf { number } } } fragment F on Shelf { shelf { number n: number } }",
            json!({}),
            json!({ "shelf": { "shelf": { "number": 2, "n": 3 } } }),
            4,
        ),
        (
            "{ shelf { shelves { number } ... { shelves { number } } } }",
            json!({}),
            json!({ "shelf": { "shelves": [{ "number": 1 }, { "number": 2 }] } }),
            3,
        ),
        (
            "mutation { add { number } ... on Mutation { add { n: number } } }",
            json!({}),
            json!({ "add": { "number": 1, "n": 2 } }),
            3,
        ),
        (
            "query ($yes: Boolean!) { shelf @skip(if: $yes) { number } shelf { n: number m: number @include(if: $yes) } }",
            json!({ "yes": true }),
            json!({ "shelf": { "n": 1, "m": 2 } }),
            3,
        ),
        (
            "query ($yes: Boolean!) { shelf @skip(if: $yes) { number } shelf { n: number m: number @include(if: $yes) } }",
            json!({ "yes": false }),
            json!({ "shelf": { "number": 1, "n": 2 } }),
            3,
        ),
        ("{ shelf { number @skip(if: true) } }", json!({}), json!({ "shelf": {} }), 1),
    ] {
        runs.0.store(0, Ordering::Relaxed);
        let answer = server.anonymous().gql_with(document, variables).await.ok();
        assert_eq!(answer.at("/data"), &expected, "{document}");
        let keys = |value: &serde_json::Value| value.to_string();
        assert_eq!(keys(answer.at("/data")), keys(&expected), "{document}");
        assert_eq!(runs.0.load(Ordering::Relaxed), count, "{document}");
    }
}
