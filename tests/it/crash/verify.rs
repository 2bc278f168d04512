//! Holds a server that was started anew against what the clients know.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    client::{Client, Outcome},
    people::{Batch, Knowledge, Known, Person, Tokens},
    workload::{LOGIN, ME, NEW_PASSWORD, REFRESH, text, tokens},
};
use crate::actor::PASSWORD;

const LIST: &str = "query ($prefix: String!) { it: users(first: 100, filter: { usernamePrefix: $prefix }) \
                    { edges { node { username state roles { name } } } pageInfo { hasNextPage } } }";

/// The accounts of a cycle by name: state and roles.
type Found = BTreeMap<String, (String, Vec<String>)>;

/// Holds everything against what is known. `administrator` is an access token.
pub async fn everything(client: &Client, administrator: &str, knowledge: &Knowledge) {
    let mut found = Found::new();
    for prefix in &knowledge.prefixes {
        found.extend(list(client, administrator, prefix).await);
    }
    for person in &knowledge.people {
        check_account(person, found.remove(&person.name));
    }
    for batch in &knowledge.batches {
        check_batch(batch, &mut found);
    }
    assert!(found.is_empty(), "nobody asked for these accounts: {found:?}");
    join_all(knowledge.people.iter().map(|person| check_tokens(client, person))).await;
}

async fn list(client: &Client, administrator: &str, prefix: &str) -> Found {
    let answer = client.insist(Some(administrator), LIST, json!({ "prefix": prefix })).await.done().unwrap();
    assert_eq!(answer["pageInfo"]["hasNextPage"], false, "a cycle makes fewer accounts than fit on a page");
    let nodes = answer["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]);
    nodes.map(|node| (text(&node["username"]), (text(&node["state"]), roles(node)))).collect()
}

/// The names of the roles in an answer.
pub fn roles(node: &Value) -> Vec<String> {
    let mut roles: Vec<_> = node["roles"].as_array().unwrap().iter().map(|role| text(&role["name"])).collect();
    roles.sort_unstable();
    roles
}

fn check_account(person: &Person, found: Option<(String, Vec<String>)>) {
    assert!(person.exists.allows(found.is_some()), "an acknowledged account is lost: {person:?}");
    let Some((state, roles)) = found else { return };
    assert!(person.disabled.allows(state == "DISABLED"), "{state}: {person:?}");
    assert!(roles.contains(&"user".to_owned()), "an account is made with its role or not at all: {person:?}");
    assert!(person.is_helper.allows(roles.contains(&"helper".to_owned())), "{roles:?}: {person:?}");
}

fn check_batch(batch: &Batch, found: &mut Found) {
    let imported = batch.names.iter().filter(|name| found.remove(*name).is_some()).count();
    assert!(imported == 0 || imported == batch.names.len(), "a part of an import: {batch:?}, {imported} found");
    assert!(batch.imported.allows(imported > 0), "{imported} found: {batch:?}");
}

async fn check_tokens(client: &Client, person: &Person) {
    for session in &person.ended {
        assert_ended(client, person, session).await;
    }
    match (person.exists, person.disabled) {
        (Known::Is(true), Known::Is(false)) => check_access(client, person).await,
        (Known::Is(true), Known::Is(true)) => check_disabled(client, person).await,
        _ => {}
    }
}

async fn check_access(client: &Client, person: &Person) {
    for token in &person.access_tokens {
        assert!(is_let_in(client, token).await, "an access token is lost: {person:?}");
    }
    check_refresh(client, person).await;
    check_password(client, person).await;
}

async fn check_disabled(client: &Client, person: &Person) {
    for token in person.access_tokens.iter().chain(person.session.iter().map(|session| &session.access)) {
        assert!(!is_let_in(client, token).await, "the account is disabled: {person:?}");
    }
    let refresh = person.session.as_ref().map(|session| session.refresh.clone()).unwrap();
    assert_spent(client, person, &refresh).await;
}

/// The newest token is taken, also where the answer to its last exchange was lost; the one before is not.
async fn check_refresh(client: &Client, person: &Person) {
    let session = person.session.as_ref().unwrap();
    let next = client.ask(None, REFRESH, json!({ "input": { "refreshToken": session.refresh } })).await;
    let Outcome::Done(next) = next else { panic!("the session is lost, {next:?}: {person:?}") };
    assert!(is_let_in(client, &tokens(&next).access).await, "{person:?}");
    if let Some(spent) = &person.spent {
        assert_spent(client, person, spent).await;
    }
}

async fn check_password(client: &Client, person: &Person) {
    let mut works = [false; 2];
    for (works, password) in works.iter_mut().zip([PASSWORD, NEW_PASSWORD]) {
        // A wrong password takes a second, and the sign-in after it waits for another.
        if person.password.allows(password) && (matches!(person.password, Known::Is(_)) || !*works) {
            *works = signs_in(client, person, password).await;
        }
    }
    assert_eq!(works.iter().filter(|works| **works).count(), 1, "one password signs in: {works:?}, {person:?}");
}

async fn signs_in(client: &Client, person: &Person, password: &str) -> bool {
    let input = json!({ "input": { "username": person.name, "password": password } });
    matches!(client.insist(None, LOGIN, input).await, Outcome::Done(_))
}

async fn is_let_in(client: &Client, token: &str) -> bool {
    matches!(client.insist(Some(token), ME, json!({})).await, Outcome::Done(value) if !value.is_null())
}

async fn assert_spent(client: &Client, person: &Person, refresh: &str) {
    let again = client.insist(None, REFRESH, json!({ "input": { "refreshToken": refresh } })).await;
    assert!(matches!(&again, Outcome::Refused(code) if code == "INVALID_REFRESH_TOKEN"), "{again:?}: {person:?}");
}

async fn assert_ended(client: &Client, person: &Person, session: &Tokens) {
    assert!(!is_let_in(client, &session.access).await, "a session that was ended lives: {person:?}");
    assert_spent(client, person, &session.refresh).await;
}
