//! Guessing passwords, from many places, many times, at once: it gets nobody anywhere, and the person whose password it is
//! hardly notices. Addresses are those that a trusted proxy names; the tests are that proxy.

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
    actor.request(|it| it.header("x-forwarded-for", address).json(&body)).await
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

/// The seconds to wait, where the answer is that it is too early.
#[track_caller]
fn retry_after(answer: &Answer) -> u64 {
    assert_eq!(answer.codes(), ["RATE_LIMITED"], "{answer:#?}");
    assert_eq!(answer.status, 200, "it was executed");
    answer.at("/errors/0/extensions/retryAfter").as_u64().unwrap()
}

fn wait(server: &Server, seconds: i64) {
    server.app.accounts().clock.advance(TimeDelta::seconds(seconds));
}

/// Password hashes computed so far, as a monitoring system reads it.
async fn hashes(server: &Server) -> u64 {
    metric(server, "fieldguard_password_hashes_total").await
}

async fn metric(server: &Server, name: &str) -> u64 {
    let text = reqwest::get(server.url("/metrics")).await.unwrap().text().await.unwrap();
    text.lines().find_map(|it| it.strip_prefix(name)?.trim().parse().ok()).unwrap_or_else(|| panic!("{name}: {text}"))
}

/// Two hundred wrong passwords over fifty connections; how often which code was answered.
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
async fn of_two_hundred_guesses_at_once_one_is_hashed() {
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
            let expected = [("INVALID_CREDENTIALS", 1), ("RATE_LIMITED", 199)].map(|(it, n)| (it.to_owned(), n));
            assert_eq!(codes, expected.into(), "{name}");
            assert_eq!(hashes(server).await - before, 1, "{name}");
        }
        let limited = metric(server, "fieldguard_rate_limited_total{what=\"sign_in\"}").await;
        assert_eq!(limited, 4 * 199);
    })
    .await;
}

#[on_each_database]
async fn whoever_knows_the_password_may_sign_in_often_at_once() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        for address in [HOME, ELSEWHERE] {
            let answers = stream::iter(0..40).map(|_| login(server, address, "bob", PASSWORD)).buffer_unordered(20);
            answers.for_each(async |it| drop(it.ok())).await;
        }
    })
    .await;
}

#[on_each_database]
async fn accounts_are_made_at_a_rate() {
    let few = |config: &mut Config| {
        behind_a_proxy(config);
        config.limits.registrations_per_hour = 3;
    };
    each_with(few, async |server| {
        for n in 0..3 {
            register(server, HOME, &format!("user{n}")).await.ok();
        }
        assert_eq!(retry_after(&register(server, HOME, "user3").await), 1_200);
        assert_eq!(register(server, HOME, "a").await.codes(), ["BAD_USER_INPUT"], "what costs nothing is not counted");
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
async fn nobody_chooses_his_own_address() {
    each_with(
        |_| {},
        async |server| {
            register(server, HOME, "bob").await.ok();
            login(server, ELSEWHERE, "bob", WRONG).await;
            let early = login(server, HOME, "bob", PASSWORD).await;
            assert_eq!(early.codes(), ["RATE_LIMITED"], "both came from here, whatever they say");
        },
    )
    .await;
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let claimed = format!("{HOME}, {ELSEWHERE}");
        login(server, &claimed, "bob", WRONG).await;
        login(server, HOME, "bob", PASSWORD).await.ok();
        assert_eq!(login(server, &claimed, "bob", PASSWORD).await.codes(), ["RATE_LIMITED"], "it is not at home");
    })
    .await;
}

#[tokio::test]
async fn figures_are_shown_only_where_they_are_wanted() {
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
async fn addresses_of_others_are_not_found_by_trying() {
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
        assert_eq!(take(&eve, "eve@example.org").await.codes(), ["RATE_LIMITED"], "one that is free tells as much");
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

/// A change that is refused for another reason than the address does not tell whether the address is free.
#[on_each_database]
async fn a_name_that_is_taken_hides_whether_an_address_is() {
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
            let mut heard = Vec::new();
            for email in ["bob@example.org", "free@example.org"] {
                let answer = ada.gql_with(&document, json!({ "email": email })).await;
                assert_eq!(answer.codes(), ["CONFLICT"], "{}", answer.text);
                heard.push(answer.at("/errors/0/extensions/field").clone());
            }
            assert_eq!(heard[0], heard[1], "{document}");
            assert!(heard[0].as_str().unwrap().ends_with("username"), "{heard:?}");
        }
    })
    .await;
}
