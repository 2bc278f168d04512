//! Two servers whose databases differ only in what a role may not read answer it alike, byte for byte: what is filtered, sorted,
//! counted and turned over tells no more than what is read. The id of a request is fixed, since it is in answers; clocks and keys
//! are the same in both.

mod people;
mod questions;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use chrono::DateTime;
use fieldguard::{accounts::clock::Clock, app::App, domain::permission};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};
use tower_service::Service;

use self::{
    people::{Difference, Role},
    questions::Questions,
};
use crate::{
    actor::PASSWORD,
    app::{START, settings},
    database::{self, Database},
};

/// A server without sockets.
struct Twin {
    app: App,
    router: Router,
}

impl Twin {
    async fn open(database: &Database) -> Self {
        let mut config = settings();
        config.data_dir = database.directory.path().join("data");
        config.database_url = Some(database.url.parse().unwrap());
        // For `EVERYTHING`.
        config.limits.documents.complexity = 100_000;
        let clock = Clock::manual(DateTime::from_timestamp(START, 0).unwrap());
        let app = App::open(config, permission::builtin(), clock).await.unwrap();
        let router = app.builtin_router().unwrap();
        Self { app, router }
    }

    async fn close(self) {
        self.app.accounts().store.close().await;
    }

    /// The whole answer, head and body.
    async fn ask(&self, token: Option<&str>, body: &Value) -> (String, String) {
        let mut request = Request::post("/graphql")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("x-request-id", "fixed");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = self.router.clone().call(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (format!("{} {:?}", head.status, head.headers), String::from_utf8(body.to_vec()).unwrap())
    }

    /// Signs in, or makes the account: an access token and the `id` of the account.
    async fn enter(&self, mutation: &str, name: &str) -> (String, String) {
        let document = format!(
            "mutation {{ it: {mutation}(input: {{ username: \"{name}\", password: \"{PASSWORD}\" }}) \
             {{ accessToken user {{ id }} }} }}"
        );
        let (_, body) = self.ask(None, &json!({ "query": document })).await;
        let answer: Value = serde_json::from_str(&body).unwrap();
        let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{body}"));
        (text("/data/it/accessToken").to_owned(), text("/data/it/user/id").to_owned())
    }
}

/// What the administrators of both see of what differs.
const EVERYTHING: &str = "{ users(first: 100) { edges { node { username email state lastSignInAt
    roles { name } sessions(first: 9) { edges { node { ipAddress } } } securityEvents(first: 9) { edges { node { action } } } } } }
    roles { name permissions { name } } }";

/// Asks both of the twins so many questions as the holder of `role`, and holds the answers against each other.
async fn compare(database: Database, role: Role, difference: Difference, count: usize) {
    let one = Twin::open(&database).await;
    let (token, reader) = one.enter("register", "reader").await;
    let (administrator, admin) = one.enter("register", "boss").await;
    one.close().await;
    people::fill(&database, &reader, &admin, role).await;
    let copy = database.copy().await;
    people::change(&copy, difference).await;
    let (one, other) = (Twin::open(&database).await, Twin::open(&copy).await);

    let everything = json!({ "query": EVERYTHING });
    let (_, seen) = one.ask(Some(&administrator), &everything).await;
    let (_, seen_there) = other.ask(Some(&administrator), &everything).await;
    for part in ["p1@example.org", "192.0.2.", "SIGN_IN_FAILED", "helper", "unheld"] {
        assert!(seen.to_lowercase().contains(&part.to_lowercase()), "{part}: {seen}");
    }
    assert_ne!(seen, seen_there, "there is a difference");

    let mut questions = Questions::new(&reader);
    for number in 0..count {
        let question = questions.next();
        let here = one.ask(Some(&token), &question).await;
        let there = other.ask(Some(&token), &question).await;
        assert_eq!(here, there, "{role:?} tells them apart by question {number}: {question}");
        questions.learn(&here.1);
    }
    assert!(questions.answered > count / 10 && questions.refused > count / 10, "{questions:?}");
    assert!(role != Role::UsersRead || questions.pages > count / 10, "{questions:?}");
    one.close().await;
    other.close().await;
}

async fn compare_all(count: usize) {
    for (role, difference) in [
        (Role::User, Difference::Everything),
        (Role::RolesRead, Difference::Accounts),
        (Role::UsersRead, Difference::Behind),
    ] {
        database::each_owned(async |database| compare(database, role, difference, count).await).await;
    }
}

#[on_each_database]
async fn what_may_not_be_read_cannot_be_told_from_any_answer() {
    compare_all(100).await;
}

/// `cargo test --test it secrecy -- --ignored`
#[on_each_database]
#[ignore = "the same as the one before, for longer"]
async fn what_may_not_be_read_cannot_be_told_from_5_000_answers() {
    compare_all(5_000).await;
}
