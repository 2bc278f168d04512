//! Sessions: refresh, expiry, revocation, reauthentication.

mod bound;
mod concurrent_refresh;
mod cookie;
mod management;
mod refresh;
mod revocation;
mod stale_requests;
mod step_up;

use serde_json::{Value, json};

use crate::actor::{Actor, Answer, PASSWORD};

/// Signs in again as the user with the name. The answer has both tokens.
pub async fn login(actor: &Actor, name: &str) -> Answer {
    let document =
        "mutation ($input: LoginInput!) { it: login(input: $input) { accessToken refreshToken session { id } } }";
    let input = json!({ "input": { "username": name, "password": PASSWORD } });
    actor.signed_out().gql_with(document, input).await.ok()
}

async fn refresh(actor: &Actor, token: &str) -> Answer {
    let document =
        "mutation ($input: RefreshInput) { it: refresh(input: $input) { accessToken refreshToken session { id } } }";
    let input = json!({ "input": { "refreshToken": token } });
    actor.signed_out().gql_with(document, input).await
}

fn text(answer: &Answer, pointer: &str) -> String {
    answer.at(pointer).as_str().unwrap_or_else(|| panic!("no {pointer} in {answer:#?}")).to_owned()
}

fn refresh_token(answer: &Answer) -> String {
    text(answer, "/data/it/refreshToken")
}

fn access_token(answer: &Answer) -> String {
    text(answer, "/data/it/accessToken")
}

async fn is_live(actor: &Actor, access_token: &str) -> bool {
    let answer = actor.bearing(access_token).gql("{ me { id } }").await;
    assert!(answer.status == 401 || answer.at("/data/me/id").is_string(), "{answer:#?}");
    answer.status != 401
}

/// The caller's security events, newest first.
pub async fn events(actor: &Actor) -> Vec<String> {
    let answer = actor.gql("{ me { securityEvents(first: 100) { edges { node { action } } } } }").await.ok();
    let edges = answer.at("/data/me/securityEvents/edges").as_array().cloned().unwrap_or_default();
    edges.iter().filter_map(|edge| edge.pointer("/node/action").and_then(Value::as_str).map(str::to_owned)).collect()
}
