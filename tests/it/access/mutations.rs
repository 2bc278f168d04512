//! `onDenied` with mutations: a mutation is checked before it runs, and a denied mutation changes nothing.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_graphql::{EmptySubscription, Object, Request, Schema};
use fieldguard::{
    api::{
        CONVENTIONS,
        execute::{Executor, RequestContext},
    },
    domain::principal::Principal,
    guard::{
        Owned,
        caller::Caller,
        execute::{self, Outcome},
        on_denied::OnDenied,
        registry,
        settings::Settings,
    },
    guarded,
};
use fieldguard_test_macros::on_each_database;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    admin::{execute, set_roles, support},
    app::{Server, each},
    guarded::{LIBRARIAN, principal_with, reader},
};

async fn reject(actor: &Actor, document: &str, variables: Value) -> Answer {
    let body = json!({ "query": document, "variables": variables, "extensions": { "onDenied": "reject" } });
    actor.request(|request| request.header("accept", "application/graphql-response+json").json(&body)).await
}

#[track_caller]
fn assert_rejected(answer: &Answer, refused: &[(&str, &str)]) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    assert!(answer.json.get("data").is_none(), "{answer:?}");
    let reported =
        |error: &Value| ["coordinate", "reason"].map(|name| error["extensions"][name].as_str().unwrap().to_owned());
    let reported: Vec<_> = answer.at("/errors").as_array().unwrap().iter().map(reported).collect();
    let refused: Vec<_> = refused.iter().map(|denial| [denial.0.to_owned(), denial.1.to_owned()]).collect();
    assert_eq!(reported, refused, "{answer:?}");
}

/// A user who may disable users and not read them.
async fn writer(server: &Server) -> Actor {
    let ada = server.admin().await;
    support(server, &ada).await;
    execute(server, "DELETE FROM role_permissions WHERE permission = 'users:read' OR permission = 'roles:assign'")
        .await;
    server.anonymous().login("sam").await
}

async fn state(server: &Server, user: &Actor) -> String {
    let document = "query ($id: ID!) { user(id: $id) { state } }";
    let answer = server.admin().await.gql_with(document, json!({ "id": user.id })).await.ok();
    answer.at("/data/user/state").as_str().unwrap().to_owned()
}

#[on_each_database]
async fn reject_mode_does_not_run_a_mutation_with_a_denied_payload_field() {
    each(async |server| {
        let (sam, bob) = (writer(server).await, server.user("bob").await);
        let document = "mutation ($id: ID!) { disableUser(input: { userId: $id }) { user { username email } } }";
        let id = json!({ "id": bob.id });
        assert_rejected(&reject(&sam, document, id.clone()).await, &[("User.email", "OWNER_UNKNOWN")]);
        assert_eq!(state(server, &bob).await, "ACTIVE");
        reject(&sam, &document.replace("email", ""), id.clone()).await.ok();
        assert_eq!(state(server, &bob).await, "DISABLED");
        let enable = document.replace("disableUser", "enableUser");
        let answer = sam.gql_with(&enable, id).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"], "null mode runs the mutation and nulls one field");
        assert_eq!(answer.at("/data/enableUser/user/username"), "bob");
        assert_eq!(state(server, &bob).await, "ACTIVE");
    })
    .await;
}

#[on_each_database]
async fn reject_mode_runs_no_mutation_if_one_is_denied() {
    each(async |server| {
        let (bob, ada) = (server.user("bob").await, server.admin().await);
        let document = "mutation { a: updateProfile(input: { username: \"rob\" }) { user { username } }
            b: setUserRoles(input: { userId: \"x\", roles: [] }) { user { id } } }";
        let answer = reject(&bob, document, json!({})).await;
        assert_rejected(&answer, &[("Mutation.setUserRoles", "MISSING_PERMISSION")]);
        assert_eq!(answer.at("/errors/0/path"), &json!(["b"]));
        assert_eq!(bob.gql("{ me { username } }").await.ok().at("/data/me/username"), "bob");
        let answer = bob.gql(document).await;
        assert_eq!(answer.at("/data/a/user/username"), "rob", "{answer:?}");
        set_roles(&ada, &bob.id, &["admin"]).await.ok();
        let answer = reject(&bob, &document.replace("rob", "robert"), json!({})).await;
        assert_eq!((answer.status, answer.codes()), (StatusCode::OK, vec!["NOT_FOUND"]), "no rule denies it now");
        assert_eq!(answer.at("/data/a/user/username"), "robert");
    })
    .await;
}

#[on_each_database]
async fn reject_mode_allows_payload_fields_of_the_callers_own_user() {
    each(async |server| {
        let own =
            "user { email state roles { name } permissions { name } sessions(first: 1) { edges { node { id } } } }";
        let (bob, anonymous) = (server.user("bob").await, server.anonymous());
        let login = format!("mutation ($input: LoginInput!) {{ login(input: $input) {{ accessToken {own} }} }}");
        let input = json!({ "input": { "username": "bob", "password": PASSWORD } });
        for actor in [&anonymous, &bob, &server.user("ann").await] {
            let answer = reject(actor, &login, input.clone()).await.ok();
            assert_eq!(answer.at("/data/login/user/state"), "ACTIVE");
        }
        let register = format!("mutation ($input: RegisterInput!) {{ register(input: $input) {{ {own} }} }}");
        let input = json!({ "input": { "username": "eve", "password": PASSWORD } });
        reject(&anonymous, &register, input).await.ok();
        let update = format!("mutation {{ updateProfile(input: {{ username: \"rob\" }}) {{ {own} }} }}");
        assert_eq!(reject(&bob, &update, json!({})).await.ok().at("/data/updateProfile/user/state"), "ACTIVE");
        let change = format!("mutation ($input: UpdatePasswordInput!) {{ updatePassword(input: $input) {{ {own} }} }}");
        let input = json!({ "input": { "currentPassword": PASSWORD, "newPassword": "another walk by the river" } });
        reject(&bob, &change, input).await.ok();
    })
    .await;
}

#[on_each_database]
async fn rejected_password_reset_does_not_consume_the_code() {
    each(async |server| {
        let (bob, ada) = (server.user("bob").await, server.admin().await);
        let issue = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }";
        let code = ada.gql_with(issue, json!({ "id": bob.id })).await.ok().at("/data/issuePasswordReset/code").clone();
        let input = json!({ "input": { "code": code, "newPassword": "another walk by the river" } });
        let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { email } } }";
        let answer = reject(&server.anonymous(), document, input.clone()).await;
        assert_rejected(&answer, &[("User.email", "OWNER_UNKNOWN")]);
        reject(&server.anonymous(), &document.replace("email", "id"), input).await.ok();
    })
    .await;
}

#[on_each_database]
async fn reject_mode_ignores_fields_left_out_by_directives() {
    each(async |server| {
        let (sam, bob) = (writer(server).await, server.user("bob").await);
        let document = "mutation ($id: ID!, $mail: Boolean = false, $not: Boolean!) {
            disableUser(input: { userId: $id }) { user { id email @include(if: $mail) state @skip(if: $not) } } }";
        let variables = |mail: Value, not: bool| match mail {
            Value::Null => json!({ "id": bob.id, "not": not }),
            mail => json!({ "id": bob.id, "mail": mail, "not": not }),
        };
        let (email, user_state) = (("User.email", "OWNER_UNKNOWN"), ("User.state", "OWNER_UNKNOWN"));
        assert_rejected(&reject(&sam, document, variables(json!(true), false)).await, &[email, user_state]);
        assert_rejected(&reject(&sam, document, variables(Value::Null, false)).await, &[user_state]);
        assert_eq!(state(server, &bob).await, "ACTIVE");
        reject(&sam, document, variables(Value::Null, true)).await.ok();
        assert_eq!(state(server, &bob).await, "DISABLED");
    })
    .await;
}

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    async fn nothing(&self) -> i32 {
        0
    }
}

/// Counts how often its field runs.
struct Mutation(Arc<AtomicU32>);

#[guarded(public)]
#[Object]
impl Mutation {
    async fn lend(&self) -> Option<Loan> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Some(Loan)
    }
}

struct Loan;

impl Owned for Loan {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        caller.is_some()
    }
}

/// The schema audit would refuse these guarded non-null fields.
#[guarded]
#[Object]
impl Loan {
    #[public]
    async fn number(&self) -> i32 {
        7
    }

    #[requires(role = LIBRARIAN)]
    async fn shelf(&self) -> String {
        "A".to_owned()
    }

    #[requires(role = LIBRARIAN)]
    async fn note(&self) -> Option<&str> {
        Some("late")
    }

    #[requires(role = LIBRARIAN, or_self)]
    async fn borrower(&self) -> String {
        "bob".to_owned()
    }
}

pub fn settings() -> Settings {
    Settings::default()
}

pub async fn run(
    executor: &Executor,
    document: &str,
    caller: Option<Principal>,
    on_denied: OnDenied,
) -> execute::Answer {
    let context = RequestContext {
        caller: caller.map_or_else(Caller::default, Caller::from),
        client: fieldguard::domain::session::Client::default(),
        refresh_cookie: fieldguard::api::sessions::refresh_cookie::Presented::default(),
        request_id: "1".to_owned(),
        queries_only: false,
        on_denied,
    };
    executor.execute(Request::new(document), context).await.answer
}

#[tokio::test]
async fn denied_non_null_payload_field_prevents_the_mutation_in_every_mode() {
    let server = Server::start().await;
    let done = Arc::new(AtomicU32::new(0));
    let schema = registry::complete(Schema::build(Query, Mutation(done.clone()), EmptySubscription), &CONVENTIONS);
    let accounts = server.app.accounts().clone();
    let executor = Executor::new(schema, settings(), accounts);
    let shelf = "mutation { a: lend { number } b: lend { shelf note } }";
    for mode in [OnDenied::Null, OnDenied::Report, OnDenied::Reject] {
        let answer = run(&executor, shelf, Some(reader()), mode).await;
        assert_eq!(answer.outcome, Outcome::Denied, "{mode:?}");
        assert_eq!(answer.response.errors.len(), 2, "{:?}", answer.response);
        let answer = run(&executor, "mutation { lend { borrower } }", Some(reader()), mode).await;
        assert_eq!(answer.outcome, Outcome::Denied, "{mode:?}: the caller may not own the loan");
    }
    assert_eq!(done.load(Ordering::SeqCst), 0);
    let answer = run(&executor, "mutation { lend { note } }", Some(reader()), OnDenied::Null).await;
    assert_eq!((answer.outcome, answer.response.errors.len()), (Outcome::Executed, 1));
    assert_eq!(done.load(Ordering::SeqCst), 1);
    let librarian = principal_with(&[LIBRARIAN], &[]);
    let answer = run(&executor, shelf, Some(librarian), OnDenied::Reject).await;
    assert_eq!((answer.outcome, answer.response.errors.len()), (Outcome::Executed, 0));
    assert_eq!(done.load(Ordering::SeqCst), 3);
}
