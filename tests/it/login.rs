//! `login`: a failed sign-in reveals nothing about accounts.

mod email;

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Answer, PASSWORD},
    app::{Server, each},
};

async fn login(server: &Server, username: &str, password: &str) -> Answer {
    let document =
        "mutation ($input: LoginInput!) { login(input: $input) { accessToken expiresIn user { username } } }";
    let input = json!({ "input": { "username": username, "password": password } });
    server.anonymous().gql_with(document, input).await
}

#[on_each_database]
async fn login_accepts_the_username_in_any_spelling() {
    each(async |server| {
        server.user("Straße").await;
        for name in ["Straße", "strasse", "STRASSE", " ＳＴＲＡＳＳＥ "] {
            let answer = login(server, name, PASSWORD).await.ok();
            assert_eq!(answer.at("/data/login/user/username"), "Straße", "{name}");
        }
    })
    .await;
}

#[on_each_database]
async fn failed_logins_have_identical_answers_for_every_reason() {
    each(async |server| {
        let admin = server.admin().await;
        let bob = server.user("bob").await;
        let carol = server.user("carol").await;
        let disable = "mutation ($id: ID!) { disableUser(input: { userId: $id }) { user { state } } }";
        admin.gql_with(disable, json!({ "id": carol.id })).await.ok();

        let (long_name, long_password) = ("x".repeat(10_000), "y".repeat(10_000));
        let mut refusals = Vec::new();
        for (name, password) in [
            ("nobody", PASSWORD),
            ("bob", "a wrong password indeed"),
            ("carol", PASSWORD),
            ("carol", "a wrong password indeed"),
            ("", ""),
            (&long_name, &long_password),
        ] {
            refusals.push(login(server, name, password).await);
            server.wait_out_a_failure();
        }
        for refusal in &refusals {
            assert_eq!(refusal.text, refusals[0].text);
            assert_eq!(refusal.status, refusals[0].status);
            assert_eq!(refusal.codes(), ["INVALID_CREDENTIALS"]);
            let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(names(refusal), names(&refusals[0]));
        }
        assert_eq!(bob.gql("{ me { id } }").await.ok().at("/data/me/id"), &Value::from(bob.id.clone()));
    })
    .await;
}

#[tokio::test]
async fn passwords_and_tokens_are_not_stored_in_plain_text() {
    let server = Server::start().await;
    let answer = server
        .anonymous()
        .gql_with(
            "mutation ($input: RegisterInput!) { register(input: $input) { accessToken refreshToken } }",
            json!({ "input": { "username": "bob", "password": "correct horse battery" } }),
        )
        .await
        .ok();
    login(&server, "bob", "correct horse battery").await.ok();
    let text = |pointer| answer.at(pointer).as_str().unwrap();
    let (access, refresh) = (text("/data/register/accessToken"), text("/data/register/refreshToken"));
    let signature = access.rsplit('.').next().unwrap();
    let secret = refresh.trim_start_matches("fg_rt_");

    let directory = server.database.directory.path().join("data");
    let mut files = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        for secret in ["correct horse battery", signature, secret] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a secret is stored in plain text");
        }
    }
    assert!(files >= 2, "the database and its write-ahead log are read");
}

#[tokio::test]
async fn default_configuration_hashes_with_the_documented_argon2_parameters() {
    let server = Server::with(|config| config.hash = fieldguard::config::Hash::default()).await;
    server.user("bob").await;
    let stored = std::fs::read_dir(server.database.directory.path().join("data")).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        String::from_utf8_lossy(&bytes).contains("$argon2id$v=19$m=19456,t=2,p=1$")
    });
    assert!(stored);
}
