//! `login` with an email address instead of a username, which `sign_in_with_email` enables.

use fieldguard::config::Config;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::login;
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{Server, each, each_with},
};

const WRONG: &str = "a wrong password indeed";
const HOME: &str = "198.51.100.1";

fn with_email(config: &mut Config) {
    config.account.sign_in_with_email = true;
    config.trusted_proxies = "127.0.0.1".parse().unwrap();
}

async fn register(server: &Server, name: &str, email: Option<&str>) -> Answer {
    let document = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let input = json!({ "input": { "username": name, "email": email, "password": PASSWORD } });
    from(&server.anonymous(), HOME, document, input).await.ok()
}

async fn from(actor: &Actor, address: &str, document: &str, variables: serde_json::Value) -> Answer {
    let body = json!({ "query": document, "variables": variables });
    actor.request(|request| request.header("x-forwarded-for", address).json(&body)).await
}

/// Signs in from one of 250 addresses.
async fn login_from(server: &Server, number: usize, name: &str, password: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    let input = json!({ "input": { "username": name, "password": password } });
    from(&server.anonymous(), &format!("203.0.113.{}", number % 250), document, input).await
}

#[on_each_database]
async fn login_accepts_the_email_in_any_spelling_if_configured() {
    each_with(with_email, async |server| {
        register(server, "Zoe", Some("Zoë@Bücher.example")).await;
        for typed in ["zoë@bücher.example", "ZOË@XN--BCHER-KVA.example", " zoe\u{308}@bücher.example ", "zoe", "ＺＯＥ"]
        {
            let answer = login(server, typed, PASSWORD).await.ok();
            assert_eq!(answer.at("/data/login/user/username"), "Zoe", "{typed}");
        }
        for typed in ["zoë", "@bücher.example", "zoe@bücher.example", "zoë@bücher.example\0", "<zoë@bücher.example>"]
        {
            assert_eq!(login(server, typed, PASSWORD).await.codes(), ["INVALID_CREDENTIALS"], "{typed}");
            server.wait_out_a_failure();
        }
        let info = server.anonymous().gql("{ serverInfo { signInWithEmail } }").await.ok();
        assert_eq!(info.at("/data/serverInfo/signInWithEmail"), true);
    })
    .await;
}

#[on_each_database]
async fn login_treats_an_email_as_an_unknown_username_by_default() {
    each(async |server| {
        register(server, "bob", Some("bob@example.org")).await;
        let refused = login(server, "bob@example.org", PASSWORD).await;
        let unknown = login(server, "nobody", PASSWORD).await;
        assert_eq!(refused.text, unknown.text);
        assert_eq!(refused.codes(), ["INVALID_CREDENTIALS"]);
        let info = server.anonymous().gql("{ serverInfo { signInWithEmail } }").await.ok();
        assert_eq!(info.at("/data/serverInfo/signInWithEmail"), false);
    })
    .await;
}

#[on_each_database]
async fn failures_by_username_and_by_email_are_counted_together() {
    each_with(with_email, async |server| {
        register(server, "bob", Some("bob@example.org")).await;
        let spellings = ["bob", "bob@example.org", "BOB", "Bob@EXAMPLE.org"];
        let mut judged = 0;
        for number in 0..8 {
            // Nine failures of one username alone give the same wait.
            let mut codes = Vec::new();
            for spelling in spellings {
                codes.push(login_from(server, number, spelling, WRONG).await.codes().concat());
            }
            judged += codes.iter().filter(|code| *code == "INVALID_CREDENTIALS").count();
            assert_eq!(codes[1..], ["RATE_LIMITED"; 3], "{number}");
            server.app.accounts().clock.advance(chrono::TimeDelta::seconds(3));
        }
        assert_eq!(judged, 8);
        let early = login_from(server, 9, "bob@example.org", WRONG).await;
        assert_eq!(early.codes(), ["INVALID_CREDENTIALS"]);
        let wait = login_from(server, 10, "bob", PASSWORD).await;
        assert_eq!(wait.at("/errors/0/extensions/retryAfter"), 5, "this was the ninth failure of the account");
    })
    .await;
}

#[on_each_database]
async fn unknown_and_known_emails_have_identical_answers() {
    each_with(with_email, async |server| {
        register(server, "bob", Some("bob@example.org")).await;
        for number in 0..4 {
            let known = login_from(server, number, "bob@example.org", WRONG).await;
            let unknown = login_from(server, number, "eve@example.org", WRONG).await;
            assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
            let known = login_from(server, number, "BOB@example.org", WRONG).await;
            let unknown = login_from(server, number, "EVE@example.org", WRONG).await;
            assert_eq!(known.codes(), ["RATE_LIMITED"]);
            assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
            server.app.accounts().clock.advance(chrono::TimeDelta::seconds(5));
        }
    })
    .await;
}

#[on_each_database]
async fn failed_sign_in_by_email_is_in_the_audit_log_and_security_events() {
    each_with(with_email, async |server| {
        let ada = server.admin().await;
        let bob = register(server, "bob", Some("bob@example.org")).await.at("/data/register/user/id").clone();
        login_from(server, 1, "bob@example.org", WRONG).await;
        let document = "query ($id: ID!) { auditEvents(filter: { action: SIGN_IN_FAILED, targetId: $id }) { nodes: edges { node { targetId } } } }";
        let answer = ada.gql_with(document, json!({ "id": bob })).await.ok();
        assert_eq!(answer.at("/data/auditEvents/nodes").as_array().unwrap().len(), 1);
        server.wait_out_a_failure();
        let bob = server.anonymous().login("bob").await;
        let events = bob.gql("{ me { securityEvents(first: 10) { edges { node { action } } } } }").await.ok();
        assert!(events.text.contains("SIGN_IN_FAILED"), "{}", events.text);
    })
    .await;
}

#[on_each_database]
async fn email_identifies_at_most_one_account() {
    each_with(with_email, async |server| {
        register(server, "bob", Some("bob@example.org")).await;
        let document = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }";
        for (username, email, code) in
            [("bob@example.org", None, "BAD_USER_INPUT"), ("eve", Some("BOB@Example.org"), "CONFLICT")]
        {
            let input = json!({ "input": { "username": username, "email": email, "password": PASSWORD } });
            assert_eq!(server.anonymous().gql_with(document, input).await.codes(), [code], "{username}");
        }
        let bob = server.anonymous().login("bob").await;
        bob.gql("mutation { updateProfile(input: { email: null }) { user { id } } }").await.ok();
        assert_eq!(login(server, "bob@example.org", PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
    })
    .await;
}
