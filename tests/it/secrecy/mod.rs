//! Two servers whose databases differ only in data that the caller can't read give byte-identical answers. Filters,
//! sort orders, counts and pages therefore reveal no more than the readable fields. The request id is fixed because it
//! is part of answers. Clocks and keys are the same on both servers.

mod fixtures;
mod generator;

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
    fixtures::{Difference, Role},
    generator::RequestGenerator,
};
use crate::{
    actor::PASSWORD,
    app::{START, settings},
    database::{self, Database},
};

/// A server in this process, without sockets.
struct InProcessServer {
    app: App,
    router: Router,
}

impl InProcessServer {
    async fn open(database: &Database) -> Self {
        let mut config = settings();
        config.data_dir = database.directory.path().join("data");
        config.database_url = Some(database.url.parse().unwrap());
        // The document `EVERYTHING` needs it.
        config.limits.documents.complexity = 100_000;
        let clock = Clock::manual(DateTime::from_timestamp(START, 0).unwrap());
        let app = App::open(config, permission::builtin(), clock).await.unwrap();
        let router = app.builtin_router().unwrap();
        Self { app, router }
    }

    async fn close(self) {
        self.app.accounts().store.close().await;
    }

    /// Returns the status with the headers, and the body.
    async fn send(&self, token: Option<&str>, body: &Value) -> (String, String) {
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

    /// Runs `login` or `register`. Returns an access token and the `id` of the user.
    async fn authenticate(&self, mutation: &str, name: &str) -> (String, String) {
        let document = format!(
            "mutation {{ it: {mutation}(input: {{ username: \"{name}\", password: \"{PASSWORD}\" }}) \
             {{ accessToken user {{ id }} }} }}"
        );
        let (_, body) = self.send(None, &json!({ "query": document })).await;
        let answer: Value = serde_json::from_str(&body).unwrap();
        let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{body}"));
        (text("/data/it/accessToken").to_owned(), text("/data/it/user/id").to_owned())
    }
}

/// Selects the data that differs, for the administrator of each server.
const EVERYTHING: &str = "{ users(first: 100) { edges { node { username email state lastSignInAt
    roles { name } sessions(first: 9) { edges { node { ipAddress } } } securityEvents(first: 9) { edges { node { action } } } } } }
    roles { name permissions { name } } }";

/// Sends `count` requests to both servers as a user with `role`, and compares the answers.
async fn compare(database: Database, role: Role, difference: Difference, count: usize) {
    let one = InProcessServer::open(&database).await;
    let (token, reader) = one.authenticate("register", "reader").await;
    let (administrator, admin) = one.authenticate("register", "boss").await;
    one.close().await;
    fixtures::fill(&database, &reader, &admin, role).await;
    let copy = database.copy().await;
    fixtures::change(&copy, difference).await;
    let (one, other) = (InProcessServer::open(&database).await, InProcessServer::open(&copy).await);

    let everything = json!({ "query": EVERYTHING });
    let (_, data) = one.send(Some(&administrator), &everything).await;
    let (_, other_data) = other.send(Some(&administrator), &everything).await;
    for part in ["p1@example.org", "192.0.2.", "SIGN_IN_FAILED", "helper", "unheld"] {
        assert!(data.to_lowercase().contains(&part.to_lowercase()), "{part}: {data}");
    }
    assert_ne!(data, other_data, "the databases differ");

    let mut requests = RequestGenerator::new(&reader);
    for number in 0..count {
        let request = requests.next();
        let here = one.send(Some(&token), &request).await;
        let there = other.send(Some(&token), &request).await;
        assert_eq!(here, there, "request {number} of {role:?} reveals the difference: {request}");
        requests.learn(&here.1);
    }
    assert!(requests.answered > count / 10 && requests.refused > count / 10, "{requests:?}");
    assert!(role != Role::UsersRead || requests.pages > count / 10, "{requests:?}");
    one.close().await;
    other.close().await;
}

async fn compare_all(count: usize) {
    for (role, difference) in [
        (Role::User, Difference::Everything),
        (Role::RolesRead, Difference::Accounts),
        (Role::UsersRead, Difference::Related),
    ] {
        database::each_owned(async |database| compare(database, role, difference, count).await).await;
    }
}

#[on_each_database]
async fn answers_do_not_depend_on_unreadable_data() {
    compare_all(100).await;
}

/// `cargo test --test it secrecy -- --ignored`
#[on_each_database]
#[ignore = "the previous test with more requests"]
async fn answers_do_not_depend_on_unreadable_data_in_5_000_requests() {
    compare_all(5_000).await;
}
