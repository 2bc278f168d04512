//! The contents of the log: what happened, and no secrets.

use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection};
use serde_json::json;

use super::program::{Program, each};
use crate::actor::PASSWORD;

#[on_each_database]
async fn log_contains_no_password_or_token() {
    each(async |program| {
        let program = program.set("FIELDGUARD_LOG_LEVEL", "trace").set("FIELDGUARD_LOG_FORMAT", "json");
        let mut server = program.serve();
        let document = "mutation ($input: RegisterInput!) { register(input: $input) { accessToken refreshToken } }";
        let input = json!({ "input": { "username": "bob", "password": PASSWORD } });
        let answer = server.anonymous().gql_with(document, input).await.ok();
        let token = |name: &str| answer.at(&format!("/data/register/{name}")).as_str().unwrap().to_owned();
        let (access, refresh) = (token("accessToken"), token("refreshToken"));

        server.anonymous().login("bob").await;
        let wrong = "a password that is not his";
        let document =
            format!("mutation {{ login(input: {{ username: \"bob\", password: \"{wrong}\" }}) {{ accessToken }} }}");
        assert_eq!(server.anonymous().gql(&document).await.codes(), ["INVALID_CREDENTIALS"]);
        server.anonymous().bearing(&access).gql("{ me { id } }").await.ok();
        let forged = format!("{access}x");
        assert_eq!(server.anonymous().bearing(&forged).gql("{ me { id } }").await.status, 401);

        assert!(server.runs());
        let log = server.whole_log();
        assert!(log.lines().count() > 3, "the server logs");
        let signature = access.rsplit('.').next().unwrap();
        for secret in [PASSWORD, wrong, &access, &forged, signature, &refresh, "$argon2id$"] {
            assert!(!log.contains(secret), "{secret} is in the log");
        }
    })
    .await;
}

#[tokio::test]
async fn log_has_the_reason_of_a_failed_sign_in() {
    let program = Program::new();
    let server = program.serve();
    let document = "mutation { login(input: { username: \"nobody\", password: \"whatever it is\" }) { accessToken } }";
    server.anonymous().gql(document).await;
    let log = server.whole_log();
    assert!(log.contains("sign-in refused") && log.contains("the name is unknown"), "{log}");
    assert!(!log.contains("nobody"), "users type their password in the name field: {log}");
}

#[tokio::test]
async fn damaged_hash_is_logged_once_without_the_hash() {
    let program = Program::new();
    let server = program.serve();
    server.anonymous().register("bob").await;
    let hash = "$argon2id$v=19$m=4194304,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw$CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
    let url = format!("sqlite://{}/data/fieldguard.db", program.directory().display());
    let connection = Connection::connect(url).await.unwrap();
    connection.execute_unprepared(&format!("UPDATE accounts SET password_hash = '{hash}'")).await.unwrap();
    connection.close().await.unwrap();
    let document =
        format!("mutation {{ login(input: {{ username: \"bob\", password: \"{PASSWORD}\" }}) {{ accessToken }} }}");
    assert_eq!(server.anonymous().gql(&document).await.codes(), ["INVALID_CREDENTIALS"]);
    let log = server.whole_log();
    assert_eq!(log.matches("damaged").count(), 1, "{log}");
    assert!(!log.contains("argon2id") && !log.contains("4194304"), "{log}");
}

#[tokio::test]
async fn refused_origin_is_logged_once() {
    let server = Program::new().set("FIELDGUARD_CORS_ORIGINS", "https://app.example.org").serve();
    let own = server.url("");
    for origin in ["https://evil.example", "https://evil.example", "null", "https://app.example.org", &own] {
        let request = |request: reqwest::RequestBuilder| {
            request.header("origin", origin).json(&json!({ "query": "{ __typename }" }))
        };
        server.anonymous().request(request).await.ok();
    }
    let log = server.whole_log();
    let lines = |text: &str| log.lines().filter(|line| line.contains("cors.origins") && line.contains(text)).count();
    assert_eq!((lines("https://evil.example"), lines("null"), lines("")), (1, 1, 2), "{log}");
}

#[tokio::test]
async fn operations_are_logged_only_if_asked_for_and_without_variables() {
    let document = "query Mine($q: String) { me { id } users(first: 1, filter: { search: $q }) { totalCount } }";
    let ask = async |program: &Program| {
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        bob.gql_with(document, json!({ "q": "a secret word" })).await;
        (bob.id.clone(), server.whole_log())
    };
    let (_, log) = ask(&Program::new()).await;
    assert!(!log.contains("fieldguard::operations"), "{log}");
    let program = Program::new().set("FIELDGUARD_LOG_LEVEL", "info,fieldguard::operations=debug");
    let (id, log) = ask(&program).await;
    let line = log.lines().rfind(|line| line.contains("fieldguard::operations")).unwrap();
    for part in [
        format!("principal={id}"),
        "name=Mine".to_owned(),
        "code=".to_owned(),
        "microseconds=".to_owned(),
        "request_id=".to_owned(),
    ] {
        assert!(line.contains(&part), "{part} in {line}");
    }
    let hash = line.split("document=").nth(1).unwrap().split(' ').next().unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
    assert!(!log.contains("a secret word") && !log.contains("totalCount"), "{log}");
}
