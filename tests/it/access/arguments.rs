//! Arguments that expose a field are checked against that field's rule. `explainAccess` reports the same denials that
//! execution gives.

use std::{collections::BTreeSet, net::SocketAddr};

use async_graphql::{Context, EmptySubscription, MergedObject, Object, Schema};
use fieldguard::{
    api::{
        admin::AdminQuery,
        error::ApiError,
        public::PublicMutation,
        users::{user_filter::UserFilter, user_listing_arguments::UserListingArguments, user_order::UserOrder},
    },
    guarded,
};
use fieldguard_test_macros::on_each_database;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::refusals;
use crate::{
    actor::{Actor, Answer},
    admin::support,
    app::{Server, each},
};

/// A list that is public, with filters and orders that need permissions.
#[derive(Default)]
struct ListQuery;

#[guarded(public)]
#[Object]
impl ListQuery {
    async fn list(
        &self,
        ctx: &Context<'_>,
        filter: Option<UserFilter>,
        order_by: Option<UserOrder>,
    ) -> Result<Option<List>, ApiError> {
        UserListingArguments { filter, order_by }.listing(ctx)?;
        Ok(Some(List))
    }
}

struct List;

#[guarded(public)]
#[Object]
impl List {
    async fn length(&self) -> i32 {
        1
    }
}

#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
struct Query(AdminQuery, ListQuery);

/// Serves a second schema, with the list, on the same application. Returns its URL.
async fn serve_list(server: &Server) -> String {
    let schema = Schema::build(Query::default(), PublicMutation, EmptySubscription);
    let router = server.app.router(schema).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    url
}

fn at(url: &str, actor: &Actor) -> Actor {
    let mut moved = Actor::new(url.to_owned(), actor.token.clone());
    moved.id.clone_from(&actor.id);
    moved
}

const EXPLAIN: &str = "query ($document: String!, $user: ID, $role: String) {
    explainAccess(document: $document, asUserId: $user, asRole: $role) {
        decision paths { path argument isReached access { coordinate decision } } } }";

const DOCUMENTS: [&str; 16] = [
    "{ list { length } }",
    "{ list(filter: {}) { length } }",
    "{ list(filter: null, orderBy: null) { length } }",
    "{ list(filter: { usernamePrefix: \"a\" }) { length } }",
    "{ list(filter: { email: \"a@example.org\" }) { length } }",
    "{ list(filter: { email: null, usernamePrefix: \"a\" }) { length } }",
    "{ list(filter: { search: \"example\" }) { length } }",
    "{ list(filter: { search: null, usernamePrefix: \"a\" }) { length } }",
    "{ list(filter: { role: \"user\" }) { length } }",
    "{ x: list(filter: { state: ACTIVE }) { length } y: list { length } }",
    "{ list(filter: { createdAt: { from: \"2027-01-01T00:00:00Z\" } }) { length } }",
    "{ list(filter: { lastSignInAt: { from: \"2027-01-01T00:00:00Z\" } }) { length } }",
    "{ list(orderBy: { field: USERNAME, direction: DESC }) { length } }",
    "{ list(orderBy: { field: CREATED_AT }) { length } }",
    "{ list(orderBy: { field: LAST_SIGN_IN_AT }) { length } }",
    "{ ...F } fragment F on Query { list(filter: { role: \"a\", email: \"b\" }, orderBy: { field: CREATED_AT }) { length } }",
];

/// The denials that `explainAccess` predicts, as path and coordinate.
fn predicted_denials(explained: &Value) -> BTreeSet<(Vec<String>, String)> {
    let paths = explained["paths"].as_array().unwrap().iter();
    let denied = paths.filter(|field| field["isReached"] == true && field["access"]["decision"] == "DENIED");
    let path = |field: &Value| {
        field["path"].as_array().unwrap().iter().map(|segment| segment.as_str().unwrap().to_owned()).collect()
    };
    denied.map(|field| (path(field), field["access"]["coordinate"].as_str().unwrap().to_owned())).collect()
}

async fn explain(admin: &Actor, document: &str, role: Option<&str>, user: &str) -> Value {
    let user = Some(user).filter(|id| !id.is_empty());
    let variables = json!({ "document": document, "role": role, "user": user });
    admin.gql_with(EXPLAIN, variables).await.ok().at("/data/explainAccess").clone()
}

async fn reject(actor: &Actor, document: &str, variables: Value) -> Answer {
    let body = json!({ "query": document, "variables": variables, "extensions": { "onDenied": "reject" } });
    actor.request(|request| request.header("accept", "application/graphql-response+json").json(&body)).await
}

#[on_each_database]
async fn explain_access_predicts_which_arguments_are_denied() {
    each(async |server| {
        let url = serve_list(server).await;
        let ada = server.admin().await;
        let sam = support(server, &ada).await;
        let (bob, anonymous) = (server.user("bob").await, server.anonymous());
        let ada = at(&url, &ada);
        let mut refused = 0;
        for actor in [&bob, &sam, &anonymous, &ada] {
            let actor = at(&url, actor);
            for document in DOCUMENTS {
                let explained = explain(&ada, document, None, &actor.id).await;
                let answer = actor.gql(document).await;
                let happened = refusals(&answer.json);
                assert_eq!(predicted_denials(&explained), happened, "{document}\n{explained:#}\n{answer:#?}");
                assert_eq!(explained["decision"], if happened.is_empty() { "ALLOWED" } else { "DENIED" }, "{document}");
                refused += happened.len();
                let whole = reject(&actor, document, json!({})).await;
                if happened.is_empty() {
                    whole.ok();
                } else {
                    assert_eq!(whole.status, StatusCode::FORBIDDEN);
                    assert_eq!(
                        whole.at("/errors"),
                        answer.at("/errors"),
                        "reject mode gives the same errors: {document}"
                    );
                }
            }
        }
        assert_eq!(refused, 2 * 9, "denials of `bob` and of the anonymous caller");
    })
    .await;
}

#[on_each_database]
async fn explain_access_marks_arguments_after_a_denied_one_as_not_reached() {
    each(async |server| {
        let url = serve_list(server).await;
        let (ada, bob) = (at(&url, &server.admin().await), at(&url, &server.user("bob").await));
        let explained = explain(&ada, DOCUMENTS[15], None, &bob.id).await;
        let line = |field: &Value| {
            json!([
                field["path"].as_array().unwrap().len(),
                field["argument"],
                field["access"]["coordinate"],
                field["isReached"]
            ])
        };
        let lines: Vec<_> = explained["paths"].as_array().unwrap().iter().map(line).collect();
        let expected = json!([
            [1, null, "Query.list", true],
            [1, "filter.email", "User.email", true],
            [1, "filter.role", "User.roles", false],
            [1, "orderBy", "User.createdAt", false],
            [2, null, "List.length", false],
        ]);
        assert_eq!(json!(lines), expected);
        let answer = bob.gql(DOCUMENTS[15]).await;
        assert_eq!(answer.at("/errors/0/extensions/argument"), "filter.email");
    })
    .await;
}

#[on_each_database]
async fn explain_access_treats_arguments_from_variables_as_given() {
    each(async |server| {
        let url = serve_list(server).await;
        let (ada, bob) = (at(&url, &server.admin().await), at(&url, &server.user("bob").await));
        let document = "query ($filter: UserFilter, $prefix: String, $field: UserOrderField = USERNAME) {
            a: list(filter: $filter) { length }
            b: list(filter: { usernamePrefix: $prefix }, orderBy: { field: $field }) { length } }";
        let explained = explain(&ada, document, None, &bob.id).await;
        let arguments: Vec<_> =
            explained["paths"].as_array().unwrap().iter().filter_map(|field| field["argument"].as_str()).collect();
        let expected = [
            "filter.usernamePrefix",
            "filter.email",
            "filter.search",
            "filter.search",
            "filter.role",
            "filter.state",
            "filter.createdAt",
            "filter.lastSignInAt",
            "filter.neverSignedIn",
            "filter.usernamePrefix",
            "orderBy",
            "orderBy",
            "orderBy",
        ];
        assert_eq!(arguments, expected);
        for (variables, refused) in [
            (json!({}), &[][..]),
            (json!({ "filter": null, "prefix": null, "field": "USERNAME" }), &[]),
            (json!({ "filter": { "usernamePrefix": "a", "email": null } }), &[]),
            (json!({ "filter": { "role": "user" } }), &["User.roles"]),
            (json!({ "field": "CREATED_AT" }), &["User.createdAt"]),
            (
                json!({ "filter": { "state": "ACTIVE" }, "prefix": "a", "field": "LAST_SIGN_IN_AT" }),
                &["User.state", "User.lastSignInAt"],
            ),
        ] {
            let answer = bob.gql_with(document, variables.clone()).await;
            let happened: Vec<_> = refusals(&answer.json).into_iter().map(|denial| denial.1).collect();
            assert_eq!(happened, refused, "{variables}");
            let whole = reject(&bob, document, variables.clone()).await;
            if refused.is_empty() {
                whole.ok();
            } else {
                assert_eq!(
                    (whole.status, whole.at("/errors")),
                    (StatusCode::FORBIDDEN, answer.at("/errors")),
                    "{variables}"
                );
            }
        }
    })
    .await;
}
