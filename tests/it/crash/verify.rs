//! Compares a restarted server with what the clients know.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    client::{Client, Outcome},
    knowledge::{Batch, Knowledge, Known, Tokens, User},
    workload::{LOGIN, ME, NEW_PASSWORD, REFRESH, text, tokens},
};
use crate::actor::PASSWORD;

const LIST: &str = "query ($prefix: String!) { it: users(first: 100, filter: { usernamePrefix: $prefix }) \
                    { edges { node { username state roles { name } } } pageInfo { hasNextPage } } }";

/// The users of a cycle by name, with state and roles.
type Found = BTreeMap<String, (String, Vec<String>)>;

/// Compares everything. `administrator` is an access token.
pub async fn everything(client: &Client, administrator: &str, knowledge: &Knowledge) {
    let mut found = Found::new();
    for prefix in &knowledge.prefixes {
        found.extend(list(client, administrator, prefix).await);
    }
    for user in &knowledge.users {
        check_user(user, found.remove(&user.name));
    }
    for batch in &knowledge.batches {
        check_batch(batch, &mut found);
    }
    assert!(found.is_empty(), "users that no client created: {found:?}");
    join_all(knowledge.users.iter().map(|user| check_tokens(client, user))).await;
}

async fn list(client: &Client, administrator: &str, prefix: &str) -> Found {
    let answer = client.insist(Some(administrator), LIST, json!({ "prefix": prefix })).await.done().unwrap();
    assert_eq!(answer["pageInfo"]["hasNextPage"], false, "the users of a cycle fit on one page");
    let nodes = answer["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]);
    nodes.map(|node| (text(&node["username"]), (text(&node["state"]), roles(node)))).collect()
}

/// The names of the roles in an answer.
pub fn roles(node: &Value) -> Vec<String> {
    let mut roles: Vec<_> = node["roles"].as_array().unwrap().iter().map(|role| text(&role["name"])).collect();
    roles.sort_unstable();
    roles
}

fn check_user(user: &User, found: Option<(String, Vec<String>)>) {
    assert!(user.exists.allows(found.is_some()), "an acknowledged user is lost: {user:?}");
    let Some((state, roles)) = found else { return };
    assert!(user.disabled.allows(state == "DISABLED"), "{state}: {user:?}");
    assert!(roles.contains(&"user".to_owned()), "a user has no role: {user:?}");
    assert!(user.is_helper.allows(roles.contains(&"helper".to_owned())), "{roles:?}: {user:?}");
}

fn check_batch(batch: &Batch, found: &mut Found) {
    let imported = batch.names.iter().filter(|name| found.remove(*name).is_some()).count();
    assert!(imported == 0 || imported == batch.names.len(), "an import is incomplete: {batch:?}, {imported} found");
    assert!(batch.imported.allows(imported > 0), "{imported} found: {batch:?}");
}

async fn check_tokens(client: &Client, user: &User) {
    for session in &user.revoked {
        assert_revoked(client, user, session).await;
    }
    match (user.exists, user.disabled) {
        (Known::Is(true), Known::Is(false)) => check_access(client, user).await,
        (Known::Is(true), Known::Is(true)) => check_disabled(client, user).await,
        _ => {}
    }
}

async fn check_access(client: &Client, user: &User) {
    for token in &user.access_tokens {
        assert!(is_accepted(client, token).await, "an access token is lost: {user:?}");
    }
    check_refresh(client, user).await;
    check_password(client, user).await;
}

async fn check_disabled(client: &Client, user: &User) {
    for token in user.access_tokens.iter().chain(user.session.iter().map(|session| &session.access)) {
        assert!(!is_accepted(client, token).await, "a disabled user's token is accepted: {user:?}");
    }
    let refresh = user.session.as_ref().map(|session| session.refresh.clone()).unwrap();
    assert_spent(client, user, &refresh).await;
}

/// The newest refresh token is accepted, even if the answer to its last exchange was lost. The one before is refused.
async fn check_refresh(client: &Client, user: &User) {
    let session = user.session.as_ref().unwrap();
    let next = client.ask(None, REFRESH, json!({ "input": { "refreshToken": session.refresh } })).await;
    let Outcome::Done(next) = next else { panic!("the session is lost, {next:?}: {user:?}") };
    assert!(is_accepted(client, &tokens(&next).access).await, "{user:?}");
    if let Some(spent) = &user.spent {
        assert_spent(client, user, spent).await;
    }
}

async fn check_password(client: &Client, user: &User) {
    let mut works = [false; 2];
    for (works, password) in works.iter_mut().zip([PASSWORD, NEW_PASSWORD]) {
        // After a wrong password, the next sign-in is delayed by a second.
        if user.password.allows(password) && (matches!(user.password, Known::Is(_)) || !*works) {
            *works = signs_in(client, user, password).await;
        }
    }
    assert_eq!(works.iter().filter(|works| **works).count(), 1, "exactly one password must work: {works:?}, {user:?}");
}

async fn signs_in(client: &Client, user: &User, password: &str) -> bool {
    let input = json!({ "input": { "username": user.name, "password": password } });
    matches!(client.insist(None, LOGIN, input).await, Outcome::Done(_))
}

async fn is_accepted(client: &Client, token: &str) -> bool {
    matches!(client.insist(Some(token), ME, json!({})).await, Outcome::Done(value) if !value.is_null())
}

async fn assert_spent(client: &Client, user: &User, refresh: &str) {
    let again = client.insist(None, REFRESH, json!({ "input": { "refreshToken": refresh } })).await;
    assert!(matches!(&again, Outcome::Refused(code) if code == "INVALID_REFRESH_TOKEN"), "{again:?}: {user:?}");
}

async fn assert_revoked(client: &Client, user: &User, session: &Tokens) {
    assert!(!is_accepted(client, &session.access).await, "a revoked session is accepted: {user:?}");
    assert_spent(client, user, &session.refresh).await;
}
