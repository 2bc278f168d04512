//! Security events with the field names of ECS.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::domain::{
    audit::{Action, Actor, ActorKind, Entry, RecordedState, Target, TargetKind},
    id::UserId,
    session::Client,
};

/// The version of ECS whose names are used.
const ECS: &str = "8.17.0";

/// The number of coordinates that an event names at most.
const COORDINATES: usize = 50;

/// What ECS calls an action.
struct Class {
    category: &'static str,
    kinds: &'static [&'static str],
    outcome: &'static str,
}

const fn class(category: &'static str, kinds: &'static [&'static str], outcome: &'static str) -> Class {
    Class { category, kinds, outcome }
}

const fn class_of(action: Action) -> Class {
    const OK: &str = "success";
    const FAILED: &str = "failure";
    match action {
        Action::SignIn => class("authentication", &["start"], OK),
        Action::SignInFailed => class("authentication", &["start"], FAILED),
        Action::Reauthenticated | Action::RecoveryCodeUsed => class("authentication", &["info"], OK),
        Action::ReauthenticationFailed => class("authentication", &["info"], FAILED),
        Action::UserRegistered | Action::UserCreated | Action::UserImported => class("iam", &["user", "creation"], OK),
        Action::UserDeleted => class("iam", &["user", "deletion"], OK),
        Action::UserUpdated
        | Action::UserDisabled
        | Action::UserEnabled
        | Action::UserUnlocked
        | Action::UserDeletionScheduled
        | Action::UserRestored
        | Action::UserRolesSet
        | Action::PasswordChanged
        | Action::PasswordResetIssued
        | Action::PasswordResetRequested
        | Action::EmailVerificationRequested
        | Action::EmailVerified
        | Action::EmailChangeUndone
        | Action::PasswordReset
        | Action::TotpEnabled
        | Action::TotpRemoved
        | Action::RecoveryCodesCreated
        | Action::SecondFactorReset
        | Action::PersonalAccessTokenCreated
        | Action::PersonalAccessTokenRevoked => class("iam", &["user", "change"], OK),
        Action::SessionRevoked | Action::SessionsRevoked => class("session", &["end"], OK),
        Action::RefreshTokenReused => class("session", &["end"], FAILED),
        Action::RoleCreated => class("iam", &["group", "creation"], OK),
        Action::RoleUpdated => class("iam", &["group", "change"], OK),
        Action::RoleDeleted => class("iam", &["group", "deletion"], OK),
        Action::KeyRotated => class("configuration", &["creation"], OK),
        Action::KeyRetired => class("configuration", &["deletion"], OK),
        Action::IssuerSet => class("configuration", &["change"], OK),
        Action::MutationRefused => class("api", &["denied"], FAILED),
        Action::PersonalDataRead => class("database", &["access"], OK),
        Action::WebhookEventsReplayed => class("api", &["change"], OK),
        Action::AuditLogPruned => class("database", &["deletion"], OK),
        Action::DatabaseRestored => class("database", &["change"], OK),
    }
}

/// The event of an entry of the audit log.
#[must_use]
pub fn of_entry(entry: &Entry) -> Value {
    let class = class_of(entry.action);
    let mut event = base(entry.action.as_str(), &class, entry.at);
    actor(&mut event, &entry.actor);
    source(&mut event, entry.ip_address.as_deref(), entry.request_id.as_deref());
    if let Some(reason) = &entry.reason {
        event["event"]["reason"] = json!(reason);
    }
    if let Some(target) = &entry.target {
        self::target(&mut event, target);
    }
    let mut own = Map::new();
    if !entry.coordinates.is_empty() {
        own.insert("coordinates".to_owned(), coordinates(&entry.coordinates));
    }
    for (name, state) in [("before", &entry.before), ("after", &entry.after)] {
        own.extend(state.as_ref().map(|state| (name.to_owned(), self::state(state))));
    }
    if !entry.subjects.is_empty() {
        own.insert("subjects".to_owned(), json!(entry.subjects.len()));
    }
    finish(event, own)
}

/// The event of a request in which fields were denied.
#[must_use]
pub fn denied<'a>(
    caller: Option<UserId>,
    client: &Client,
    request_id: &str,
    fields: impl IntoIterator<Item = &'a String>,
    at: DateTime<Utc>,
) -> Value {
    let mut event = base("field-denied", &class("api", &["denied"], "failure"), at);
    if let Some(user) = caller {
        event.insert("user".to_owned(), json!({ "id": user.to_string() }));
    }
    source(&mut event, client.ip_address.as_deref(), Some(request_id));
    let own = Map::from_iter([("coordinates".to_owned(), coordinates(fields))]);
    finish(event, own)
}

fn base(action: &str, class: &Class, at: DateTime<Utc>) -> Map<String, Value> {
    let event = json!({
        "@timestamp": at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "ecs": { "version": ECS },
        "event": {
            "kind": "event",
            "dataset": "fieldguard.security",
            "action": action,
            "category": [class.category],
            "type": class.kinds,
            "outcome": class.outcome,
        },
        "service": { "name": "fieldguard", "version": env!("CARGO_PKG_VERSION") },
    });
    match event {
        Value::Object(event) => event,
        _ => Map::new(),
    }
}

fn actor(event: &mut Map<String, Value>, actor: &Actor) {
    match actor {
        Actor::User { user, session, token } => {
            event.insert("user".to_owned(), json!({ "id": user.to_string() }));
            if let Some(session) = session {
                event.insert("session".to_owned(), json!({ "id": session.to_string() }));
            }
            if let Some(token) = token {
                event.insert("fieldguard".to_owned(), json!({ "personal_access_token": { "id": token } }));
            }
        }
        other if other.kind() != ActorKind::Anonymous => {
            event.insert("fieldguard".to_owned(), json!({ "actor": other.kind().as_str() }));
        }
        _ => {}
    }
}

fn source(event: &mut Map<String, Value>, ip_address: Option<&str>, request_id: Option<&str>) {
    if let Some(address) = ip_address {
        event.insert("source".to_owned(), json!({ "ip": address }));
    }
    if let Some(id) = request_id {
        event.insert("http".to_owned(), json!({ "request": { "id": id } }));
    }
}

fn target(event: &mut Map<String, Value>, target: &Target) {
    if target.kind == TargetKind::User {
        let user = event.entry("user").or_insert_with(|| json!({}));
        user["target"] = json!({ "id": target.id });
    } else {
        let own = event.entry("fieldguard").or_insert_with(|| json!({}));
        own["target"] = json!({ "type": target.kind.as_str(), "id": target.id });
    }
}

fn coordinates<'a>(coordinates: impl IntoIterator<Item = &'a String>) -> Value {
    coordinates.into_iter().take(COORDINATES).cloned().collect()
}

fn state(state: &RecordedState) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}

fn finish(mut event: Map<String, Value>, own: Map<String, Value>) -> Value {
    if !own.is_empty()
        && let Value::Object(fields) = event.entry("fieldguard").or_insert_with(|| json!({}))
    {
        fields.extend(own);
    }
    Value::Object(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::SessionId;

    #[test]
    fn an_entry_becomes_an_event_with_the_names_of_ecs() {
        let at = DateTime::from_timestamp_millis(1_800_000_000_123).unwrap();
        let (user, session) = (UserId::new(at), SessionId::new(at));
        let client = Client {
            ip_address: Some("203.0.113.7".to_owned()),
            request_id: Some("r1".to_owned()),
            coordinate: Some("Mutation.setUserRoles".to_owned()),
            ..Client::default()
        };
        let entry = Entry::new(Action::UserRolesSet, Actor::holder(user, Some(session)), &client, at)
            .on(user)
            .changing(RecordedState::holding(["viewer"]), RecordedState::holding(["admin"]));
        let expected = json!({
            "@timestamp": "2027-01-15T08:00:00.123Z",
            "ecs": { "version": ECS },
            "event": {
                "kind": "event", "dataset": "fieldguard.security", "action": "user-roles-set", "category": ["iam"],
                "type": ["user", "change"], "outcome": "success",
            },
            "service": { "name": "fieldguard", "version": env!("CARGO_PKG_VERSION") },
            "user": { "id": user.to_string(), "target": { "id": user.to_string() } },
            "session": { "id": session.to_string() },
            "source": { "ip": "203.0.113.7" },
            "http": { "request": { "id": "r1" } },
            "fieldguard": {
                "coordinates": ["Mutation.setUserRoles"],
                "before": { "roles": ["viewer"] },
                "after": { "roles": ["admin"] },
            },
        });
        assert_eq!(of_entry(&entry), expected);
    }

    #[test]
    fn every_action_has_a_category_and_a_type_of_ecs() {
        let categories = ["api", "authentication", "configuration", "database", "iam", "session"];
        let kinds = ["access", "change", "creation", "deletion", "denied", "end", "group", "info", "start", "user"];
        for action in Action::ALL {
            let class = class_of(*action);
            assert!(categories.contains(&class.category), "{action:?}");
            assert!(class.kinds.iter().all(|kind| kinds.contains(kind)) && !class.kinds.is_empty(), "{action:?}");
            assert_eq!(
                class.outcome == "failure",
                action.as_str().contains("failed")
                    || matches!(action, Action::MutationRefused | Action::RefreshTokenReused),
                "{action:?}"
            );
        }
    }
}
