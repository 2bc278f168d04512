//! The complexity of an operation: page sizes multiply the cost of nested fields. A document above the limit does not
//! run.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{Context, EmptyMutation, EmptySubscription, InputObject, Object, Schema};
use fieldguard::{guard::cost_directives::Cost, guarded};
use serde_json::{Value, json};

use crate::{actor::Answer, app::Server};

/// Counts how often `number` was read.
type Read = Arc<AtomicUsize>;

struct Shelf;

#[guarded(public)]
#[Object]
impl Shelf {
    /// A number.
    async fn number(&self, ctx: &Context<'_>) -> usize {
        ctx.data_unchecked::<Read>().fetch_add(1, Ordering::Relaxed)
    }

    /// The shelves within.
    async fn shelves(&self, #[graphql(desc = "How many.", default = 5)] first: i32) -> Vec<Self> {
        (0..first).map(|_| Self).collect()
    }

    /// The shelf of that number: not a list, whatever `first` says.
    async fn shelf(&self, #[graphql(desc = "Its number.")] first: Option<String>) -> Self {
        let _ = first;
        Self
    }
}

/// Numbers to add up.
#[derive(InputObject)]
struct Sum {
    /// The numbers.
    #[graphql(directive = Cost::apply(7))]
    numbers: Vec<i32>,
    /// Others, which take more.
    #[graphql(directive = Cost::apply(9))]
    others: Option<Vec<i32>>,
    /// A number to begin with.
    #[graphql(directive = Cost::apply(20))]
    start: Option<i32>,
}

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    /// Shelves, from either end.
    async fn shelves(
        &self,
        #[graphql(desc = "How many.")] first: Option<i32>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
    ) -> Vec<Shelf> {
        (0..first.or(last).unwrap_or(20)).map(|_| Shelf).collect()
    }

    /// The shelves of these numbers, each of which has to be looked for.
    async fn found(
        &self,
        #[graphql(desc = "The numbers.", directive = Cost::apply(80))] numbers: Vec<i32>,
    ) -> Vec<Shelf> {
        numbers.into_iter().map(|_| Shelf).collect()
    }

    /// The sum of these numbers.
    async fn sum(&self, #[graphql(desc = "The numbers.")] of: Option<Sum>) -> i32 {
        of.into_iter()
            .flat_map(|sum| sum.numbers.into_iter().chain(sum.others.into_iter().flatten()).chain(sum.start))
            .sum()
    }
}

async fn library(complexity: usize) -> Server {
    counted(complexity, Read::default()).await
}

async fn counted(complexity: usize, read: Read) -> Server {
    let schema = || Schema::build(Query, EmptyMutation, EmptySubscription).data(read);
    let change = |config: &mut fieldguard::config::Config| config.limits.documents.complexity = complexity;
    Server::serving(change, |app| app.router(schema()).unwrap()).await
}

/// The complexity in the error of a refused document.
#[track_caller]
fn reported_complexity(answer: &Answer, maximum: usize) -> u64 {
    assert_eq!(answer.codes(), ["QUERY_TOO_COMPLEX"], "{}", answer.text);
    assert!(answer.json.get("data").is_none());
    let extensions = answer.at("/errors/0/extensions");
    assert_eq!((&extensions["limit"], &extensions["maximum"]), (&json!("complexity"), &json!(maximum)));
    extensions["asked"].as_u64().unwrap()
}

/// Documents with their variables and their complexity.
fn documents() -> Vec<(&'static str, Value, u64)> {
    let none = || json!({});
    vec![
        ("{ shelves { number } }", none(), 1 + 20),
        ("{ shelves(first: 7) { number } }", none(), 1 + 7),
        ("{ shelves(last: 7) { number } }", none(), 1 + 7),
        ("{ shelves(first: null) { number } }", none(), 1 + 20),
        ("{ shelves(first: 0) { number } }", none(), 1 + 1),
        ("{ shelves(first: 101) { number } }", none(), 1 + 100),
        ("{ shelves(first: -1) { number } }", none(), 1 + 100),
        ("{ shelves(first: 3, last: 9) { number } }", none(), 1 + 9),
        ("query ($n: Int) { shelves(first: $n) { number } }", json!({ "n": 7 }), 1 + 7),
        ("query ($n: Int) { shelves(first: $n) { number } }", json!({ "n": null }), 1 + 20),
        ("query ($n: Int) { shelves(first: $n) { number } }", json!({ "n": 2_147_483_647 }), 1 + 100),
        ("query ($n: Int) { shelves(first: $n) { number } }", none(), 1 + 20),
        ("query ($n: Int = 7) { shelves(first: $n) { number } }", none(), 1 + 7),
        ("query ($n: Int = 7) { shelves(first: $n) { number } }", json!({ "n": 8 }), 1 + 8),
        ("query ($n: Int, $m: Int) { shelves(first: $n, last: $m) { number } }", json!({ "n": 7, "m": 9 }), 1 + 9),
        ("query A($n: Int = 7) { shelves(first: $n) { number } }", none(), 1 + 7),
        ("{ a: shelves(first: 3) { b: number } c: shelves(first: 4) { number } }", none(), 1 + 3 + 1 + 4),
        ("{ shelves(first: 3) { shelves(first: 4) { number } } }", none(), 1 + 3 * (1 + 4)),
        ("{ shelves(first: 3) { shelves { number } } }", none(), 1 + 3 * (1 + 5)),
        ("{ shelves(first: 3) { shelf(first: \"a\") { number } } }", none(), 1 + 3 * 2),
        (
            "query ($n: Int!) { shelves(first: $n) { shelves(first: $n) { shelves(first: 2) { number } } } }",
            json!({ "n": 6 }),
            1 + 6 * (1 + 6 * (1 + 2)),
        ),
        (
            "query ($n: Int) { shelves(first: 2) { ...F } a: shelves(first: 3) { ...F ... { ...F } } }
             fragment F on Shelf { number shelves(first: $n) { number } }",
            json!({ "n": 4 }),
            // A fragment that is spread twice counts once.
            1 + 2 * (2 + 4) + 1 + 3 * (2 + 4),
        ),
        (
            "query ($n: Int) { ...F } fragment F on Query { ... on Query { shelves(first: $n) { ... on Shelf { number } } } }",
            json!({ "n": 4 }),
            1 + 4,
        ),
        ("{ found(numbers: [1, 2, 3]) { number } }", none(), 1 + 3 * 80 + 3),
        ("{ found(numbers: 1) { number number } }", none(), 1 + 80 + 1),
        ("{ found(numbers: []) { number } }", none(), 1 + 1),
        ("query ($n: [Int!]!) { found(numbers: $n) { number } }", json!({ "n": [1, 2] }), 1 + 2 * 80 + 2),
        ("query ($n: Int!) { found(numbers: [$n, $n]) { number } }", json!({ "n": 1 }), 1 + 2 * 80 + 2),
        ("{ sum(of: { numbers: [1, 2] }) other: sum(of: { numbers: 1 }) }", none(), 1 + 2 * 7 + 1 + 7),
        ("{ sum(of: { numbers: [1, 2], others: [1, 2], start: null }) }", none(), 1 + 2 * 9),
        ("{ sum(of: { numbers: [1, 2], others: null, start: 5 }) }", none(), 1 + 20),
        ("query ($s: Sum) { sum(of: $s) }", json!({ "s": { "numbers": [1, 2, 3] } }), 1 + 3 * 7),
        ("{ shelves(first: 2) { __typename number @skip(if: true) } }", none(), 1 + 2),
        ("query ($a: Boolean!) { shelves(first: 2) { number @skip(if: $a) n: number } }", json!({ "a": true }), 1 + 2),
        ("{ shelves(first: 2) { number number } shelves(first: 2) { number __typename } }", none(), 1 + 2 * 2),
    ]
}

#[tokio::test]
async fn page_sizes_multiply_the_complexity_of_nested_fields() {
    let server = library(1).await;
    for (document, variables, expected) in documents() {
        let answer = server.anonymous().gql_with(document, variables.clone()).await;
        assert_eq!(reported_complexity(&answer, 1), expected, "{document} {variables}");
    }
}

#[tokio::test]
async fn complexity_depends_on_the_variables() {
    let read = Read::default();
    let server = counted(50, read.clone()).await;
    let document = "query ($n: Int = 49) { shelves(first: $n) { number } }";
    for round in 0..2 {
        let answer = server.anonymous().gql_with(document, json!({ "n": 50 })).await;
        assert_eq!(reported_complexity(&answer, 50), 51);
        assert_eq!(read.load(Ordering::Relaxed), round * 49, "the document did not run");
        let answer = server.anonymous().gql(document).await.ok();
        assert_eq!(answer.at("/data/shelves").as_array().unwrap().len(), 49);
    }
}

#[tokio::test]
async fn only_the_selected_operation_counts() {
    let server = library(50).await;
    let query = "query A { shelves(first: 1) { number } } query B { shelves(first: 99) { number } }";
    let send = async |name| server.anonymous().send(&json!({ "query": query, "operationName": name })).await;
    send("A").await.ok();
    assert_eq!(reported_complexity(&send("B").await, 50), 100);
}

#[tokio::test]
async fn default_limit_allows_a_full_page_and_refuses_nested_full_pages() {
    let server = library(fieldguard::config::Config::default().limits.documents.complexity).await;
    let fields = "number ".repeat(30);
    server.anonymous().gql(&format!("{{ shelves(first: 100) {{ {fields} }} }}")).await.ok();
    let nested = "{ shelves(first: 100) { shelves(first: 100) { number } } }";
    assert_eq!(reported_complexity(&server.anonymous().gql(nested).await, 10_000), 10_101);
}

#[tokio::test]
async fn overflowing_complexity_is_refused() {
    let server = library(10_000).await;
    let document = format!("{}{}", "{ shelves(first: 100) ".repeat(11), "{ number".to_owned() + &" }".repeat(12));
    assert_eq!(reported_complexity(&server.anonymous().gql(&document).await, 10_000), usize::MAX as u64);
}

#[tokio::test]
async fn page_size_of_users_counts_toward_complexity() {
    // Listing users costs 100, and each user costs the fields selected on it.
    let server = Server::with(|config| config.limits.documents.complexity = 200).await;
    let ada = server.admin().await;
    let document = "query ($n: Int) { users(first: $n) { edges { node { id } } } }";
    ada.gql_with(document, json!({ "n": 49 })).await.ok();
    assert_eq!(reported_complexity(&ada.gql_with(document, json!({ "n": 50 })).await, 200), 100 + 1 + 50 * 2);
    assert_eq!(
        ada.gql("{ serverInfo { limits { complexity } } }").await.ok().at("/data/serverInfo/limits/complexity"),
        200
    );
}

#[tokio::test]
async fn one_full_bulk_mutation_is_allowed_and_two_are_too_complex() {
    let server = Server::start().await;
    let ada = server.admin().await;
    let bob = ada.register("bob").await;
    let accounts = |count: usize| json!({ "ids": vec![bob.id.clone(); count] });
    let once = "mutation ($ids: [ID!]!) { enableUsers(input: { userIds: $ids }) { users { id username state roles { name } } } }";
    ada.gql_with(once, accounts(100)).await.ok();

    let twice = "mutation ($ids: [ID!]!) { disableUsers(input: { userIds: $ids }) { effectiveAt } enableUsers(input: { userIds: $ids }) { effectiveAt } }";
    let answer = ada.gql_with(twice, accounts(63)).await;
    assert_eq!(reported_complexity(&answer, 10_000), 2 * (1 + 63 * 80 + 1));
    assert_eq!(
        ada.gql(&format!("{{ user(id: \"{}\") {{ state }} }}", bob.id)).await.ok().at("/data/user/state"),
        "ACTIVE"
    );
}
