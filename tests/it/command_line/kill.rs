//! `kill -9` in the middle of registrations: what was acknowledged is there afterwards.

use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::program::{Serving, each};
use crate::actor::PASSWORD;

const ROUNDS: usize = 4;
/// Registrations that run at the same time, and how many are acknowledged before the kill.
const AT_ONCE: usize = 8;
const ACKNOWLEDGED: usize = 5;

/// The name, where the server said that the account is made.
async fn register(http: reqwest::Client, url: String, name: String) -> Option<String> {
    let query = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let body = json!({ "query": query, "variables": { "input": { "username": name, "password": PASSWORD } } });
    let answer = http.post(url).json(&body).send().await.ok()?.json::<serde_json::Value>().await.ok()?;
    answer.pointer("/data/register/user/id").is_some().then_some(name)
}

/// Registers until the server is killed, which happens after a few were acknowledged while others are on their way.
async fn register_until_killed(server: Serving, round: usize) -> Vec<String> {
    let (http, url) = (reqwest::Client::new(), server.url("/graphql"));
    let names = (0..AT_ONCE * 3).map(|n| format!("round{round}-{n}"));
    let mut answers =
        stream::iter(names.map(|name| register(http.clone(), url.clone(), name))).buffer_unordered(AT_ONCE);
    let mut acknowledged = Vec::new();
    while acknowledged.len() < ACKNOWLEDGED {
        acknowledged.extend(answers.next().await.expect("some are left"));
    }
    server.kill();
    // An answer that was already on its way counts as well.
    acknowledged.extend(answers.filter_map(std::future::ready).collect::<Vec<_>>().await);
    acknowledged
}

#[tokio::test]
async fn loses_no_account_that_was_acknowledged() {
    each(async |program| {
        let mut acknowledged = Vec::new();
        for round in 0..ROUNDS {
            acknowledged.extend(register_until_killed(program.serve(), round).await);
        }
        assert!(acknowledged.len() >= ROUNDS * ACKNOWLEDGED);
        let server = program.serve();
        let somebody = &server.anonymous();
        let signed_in = stream::iter(&acknowledged).map(|name| somebody.login(name)).buffer_unordered(AT_ONCE);
        assert_eq!(signed_in.count().await, acknowledged.len());
    })
    .await;
}
