//! Password guessing: many guesses, from many addresses, at the same time. Guesses are rate limited, and the account
//! owner can still sign in. The tests act as the trusted proxy that names the client addresses.

mod clocks;
mod crowds;
mod in_flight;
mod replicas;
mod waits;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use fieldguard::config::Config;
use fieldguard_test_macros::on_each_database;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{Server, each, each_with},
};

const WRONG: &str = "a wrong password indeed";
const HOME: &str = "198.51.100.1";
const ELSEWHERE: &str = "203.0.113.9";

fn behind_a_proxy(config: &mut Config) {
    config.trusted_proxies = "127.0.0.1".parse().unwrap();
}

async fn send(actor: &Actor, address: &str, document: &str, input: serde_json::Value) -> Answer {
    let body = json!({ "query": document, "variables": { "input": input } });
    actor.request(|request| request.header("x-forwarded-for", address).json(&body)).await
}

async fn login(server: &Server, address: &str, name: &str, password: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    send(&server.anonymous(), address, document, json!({ "username": name, "password": password })).await
}

async fn register(server: &Server, address: &str, name: &str) -> Answer {
    let document =
        "mutation ($input: RegisterInput!) { register(input: $input) { accessToken refreshToken user { id } } }";
    send(&server.anonymous(), address, document, json!({ "username": name, "password": PASSWORD })).await
}

/// The `retryAfter` of a rate-limited answer, in seconds.
#[track_caller]
fn retry_after(answer: &Answer) -> u64 {
    assert_eq!(answer.codes(), ["RATE_LIMITED"], "{answer:#?}");
    assert_eq!(answer.status, 200, "a rate-limited operation is an executed request");
    answer.at("/errors/0/extensions/retryAfter").as_u64().unwrap()
}

fn wait(server: &Server, seconds: i64) {
    server.app.accounts().clock.advance(TimeDelta::seconds(seconds));
}

/// The number of password hashes computed so far, read from the metrics endpoint.
async fn hashes(server: &Server) -> u64 {
    metric(server, "fieldguard_password_hashes_total").await
}

async fn metric(server: &Server, name: &str) -> u64 {
    let text = reqwest::get(server.url("/metrics")).await.unwrap().text().await.unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
        .unwrap_or_else(|| panic!("{name}: {text}"))
}

/// Sends 200 wrong passwords over 50 connections. Returns how often each error code was answered.
async fn flood(server: &Server, name: &str, address: impl Fn(usize) -> String) -> BTreeMap<String, usize> {
    let answers = stream::iter(0..200).map(|n| {
        let address = address(n);
        async move { login(server, &address, name, WRONG).await }
    });
    let mut codes = BTreeMap::new();
    for answer in answers.buffer_unordered(50).collect::<Vec<_>>().await {
        *codes.entry(answer.codes().concat()).or_default() += 1;
    }
    codes
}

#[on_each_database]
async fn concurrent_guesses_compute_one_hash() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let anywhere = |n| format!("203.0.113.{n}");
        let at_home = |_| HOME.to_owned();
        let on_this_machine = |_| "127.0.0.1".to_owned();
        for (name, address) in [
            ("bob", &anywhere as &dyn Fn(usize) -> String),
            ("bob", &at_home),
            ("nobody", &anywhere),
            ("nobody.else", &on_this_machine),
        ] {
            let before = hashes(server).await;
            let codes = flood(server, name, address).await;
            let expected = [("INVALID_CREDENTIALS", 1), ("RATE_LIMITED", 199)].map(|(code, n)| (code.to_owned(), n));
            assert_eq!(codes, expected.into(), "{name}");
            assert_eq!(hashes(server).await - before, 1, "{name}");
        }
        let limited = metric(server, "fieldguard_rate_limited_total{what=\"sign_in\"}").await;
        assert_eq!(limited, 4 * 199);
    })
    .await;
}

#[on_each_database]
async fn concurrent_sign_ins_with_the_right_password_all_succeed() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        for address in [HOME, ELSEWHERE] {
            let answers = stream::iter(0..40).map(|_| login(server, address, "bob", PASSWORD)).buffer_unordered(20);
            answers.for_each(async |answer| drop(answer.ok())).await;
        }
    })
    .await;
}

#[on_each_database]
async fn registrations_are_rate_limited_per_address() {
    let few = |config: &mut Config| {
        behind_a_proxy(config);
        config.limits.registrations_per_hour = 3;
    };
    each_with(few, async |server| {
        for n in 0..3 {
            register(server, HOME, &format!("user{n}")).await.ok();
        }
        assert_eq!(retry_after(&register(server, HOME, "user3").await), 1_200);
        assert_eq!(register(server, HOME, "a").await.codes(), ["BAD_USER_INPUT"], "invalid input is not counted");
        register(server, ELSEWHERE, "user3").await.ok();
        wait(server, 1_200);
        register(server, HOME, "user4").await.ok();
        assert_eq!(register(server, HOME, "user5").await.codes(), ["RATE_LIMITED"]);
        for n in 10..20 {
            register(server, "127.0.0.1", &format!("user{n}")).await.ok();
        }
    })
    .await;
}

#[on_each_database]
async fn forwarded_addresses_count_only_from_trusted_proxies() {
    each_with(
        |_| {},
        async |server| {
            register(server, HOME, "bob").await.ok();
            login(server, ELSEWHERE, "bob", WRONG).await;
            let early = login(server, HOME, "bob", PASSWORD).await;
            assert_eq!(
                early.codes(),
                ["RATE_LIMITED"],
                "without a trusted proxy, both requests come from the same address"
            );
        },
    )
    .await;
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let claimed = format!("{HOME}, {ELSEWHERE}");
        login(server, &claimed, "bob", WRONG).await;
        login(server, HOME, "bob", PASSWORD).await.ok();
        assert_eq!(
            login(server, &claimed, "bob", PASSWORD).await.codes(),
            ["RATE_LIMITED"],
            "the address that the proxy adds is the client's address"
        );
    })
    .await;
}

#[tokio::test]
async fn metrics_are_served_only_if_enabled() {
    let server = Server::with(|config| config.metrics = Some(false)).await;
    assert_eq!(reqwest::get(server.url("/metrics")).await.unwrap().status(), 404);
    let server = Server::start().await;
    server.user("bob").await;
    server.anonymous().login("bob").await;
    let answer = reqwest::get(server.url("/metrics")).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(metric(&server, "fieldguard_sign_ins_total{outcome=\"succeeded\"}").await, 1);
    assert_eq!((hashes(&server).await, metric(&server, "fieldguard_password_hashes_pending").await), (2, 0));
}

#[on_each_database]
async fn email_address_changes_are_rate_limited() {
    each(async |server| {
        let (bob, eve) = (server.user("bob").await, server.user("eve").await);
        let take = async |actor: &Actor, address: &str| {
            let document = "mutation ($email: String) { updateProfile(input: { email: $email }) { user { email } } }";
            actor.gql_with(document, json!({ "email": address })).await
        };
        take(&bob, "bob@example.org").await.ok();
        for number in 0..10 {
            assert_eq!(take(&eve, "bob@example.org").await.codes(), ["CONFLICT"], "{number}");
        }
        let refused = take(&eve, "bob@example.org").await;
        assert_eq!(
            (refused.codes(), refused.at("/errors/0/extensions/retryAfter")),
            (vec!["RATE_LIMITED"], &json!(360))
        );
        assert_eq!(take(&eve, "eve@example.org").await.codes(), ["RATE_LIMITED"], "a free address is rate limited too");
        take(&bob, "bob@example.com").await.ok();
        for _ in 0..20 {
            take(&bob, "bob@example.com").await.ok();
        }
        server.app.accounts().clock.advance(TimeDelta::seconds(360));
        let eve = eve.login("eve").await;
        take(&eve, "eve@example.org").await.ok();
    })
    .await;
}

/// An update that fails for another reason than the email address does not reveal whether the address is taken.
#[on_each_database]
async fn username_conflict_hides_an_email_conflict() {
    each(async |server| {
        let (ada, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        bob.gql("mutation { updateProfile(input: { email: \"bob@example.org\" }) { user { id } } }").await.ok();
        let hash = "$2b$04$abcdefghijklmnopqrstuuoz7c6Ms7VDN7XOQ23dlY9HzXWZjhQ96";
        for document in [
            "createUser(input: { username: \"eve\", email: $email }) { user { id } }".to_owned(),
            format!("updateUser(input: {{ userId: \"{}\", username: \"ada\", email: $email }}) {{ user {{ id }} }}", eve.id),
            format!("importUsers(input: {{ users: [
                {{ username: \"abe\", email: $email, passwordHash: \"{hash}\" }}, {{ username: \"eve\", passwordHash: \"{hash}\" }}
            ] }}) {{ users {{ id }} }}"),
            format!("importUsers(input: {{ users: [
                {{ username: \"abe\", email: $email, passwordHash: \"{hash}\" }}, {{ username: \"Abe\", passwordHash: \"{hash}\" }}
            ] }}) {{ users {{ id }} }}"),
        ] {
            let document = format!("mutation ($email: String) {{ it: {document} }}");
            let mut conflicts = Vec::new();
            for email in ["bob@example.org", "free@example.org"] {
                let answer = ada.gql_with(&document, json!({ "email": email })).await;
                assert_eq!(answer.codes(), ["CONFLICT"], "{}", answer.text);
                conflicts.push(answer.at("/errors/0/extensions/field").clone());
            }
            assert_eq!(conflicts[0], conflicts[1], "{document}");
            assert!(conflicts[0].as_str().unwrap().ends_with("username"), "{conflicts:?}");
        }
    })
    .await;
}
