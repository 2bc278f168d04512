//! The examples of the guide have the form of what is sent.

use std::collections::BTreeMap;

use fieldguard::domain::webhook_event::EventType;
use serde_json::{Value, json};

use super::{Receiver, deliver, sends_to};
use crate::{actor::PASSWORD, app::Server};

const GUIDE: &str = include_str!("../../../docs/src/guides/webhooks.md");

/// The JSON blocks of the guide that are events.
fn examples() -> Vec<Value> {
    let blocks = GUIDE.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|block| serde_json::from_str(block).unwrap()).collect()
}

/// The keys of an event, and what kind of value each has.
fn form(event: &Value) -> BTreeMap<String, &'static str> {
    let fields = event.as_object().unwrap().iter().filter(|(key, _)| *key != "data");
    let fields = fields.map(|(key, value)| (key.clone(), value)).collect::<Vec<_>>();
    let data = event["data"].as_object().unwrap().iter().map(|(key, value)| (format!("data.{key}"), value));
    let kind = |value: &Value| match value {
        Value::String(_) | Value::Null => "text",
        Value::Array(_) => "list",
        _ => "other",
    };
    fields.into_iter().chain(data).map(|(key, value)| (key, kind(value))).collect()
}

#[tokio::test]
async fn the_guide_shows_every_event_as_it_is_sent() {
    let receiver = Receiver::start().await;
    let server = Server::with(|config| sends_to(config, &receiver)).await;
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    let change = |text: &str| format!("mutation {{ it: {text} {{ user {{ id }} }} }}");
    let of_bob = |name: &str| change(&format!(r#"{name}(input: {{ userId: "{}" }})"#, bob.id));
    bob.gql(&change(r#"updateProfile(input: { displayName: "Bob" })"#)).await.ok();
    let password =
        format!(r#"updatePassword(input: {{ currentPassword: "{PASSWORD}", newPassword: "another {PASSWORD}" }})"#);
    bob.gql(&change(&password)).await.ok();
    bob.gql("mutation { logout { session { id } } }").await.ok();
    for name in ["disableUser", "enableUser", "deleteUser", "restoreUser", "deleteUser"] {
        ada.gql(&of_bob(name)).await.ok();
    }
    let roles = json!({ "input": { "userId": bob.id, "roles": ["user", "admin"] } });
    let document = "mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { user { id } } }";
    ada.gql_with(document, roles).await.ok();
    server.app.accounts().clock.advance(chrono::TimeDelta::days(31));
    assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 1);
    deliver(&server).await;

    let sent: BTreeMap<_, _> = receiver.requests().iter().map(|it| (it.kind().to_owned(), form(&it.body))).collect();
    let shown: BTreeMap<_, _> =
        examples().iter().map(|event| (event["type"].as_str().unwrap().to_owned(), form(event))).collect();
    for event_type in EventType::ALL {
        let name = event_type.as_str();
        assert_eq!(shown.get(name), Some(&sent[name]), "{name}");
        assert!(GUIDE.contains(&format!("### `{name}`")), "{name}");
    }
    assert_eq!(shown.len(), EventType::ALL.len());
}
