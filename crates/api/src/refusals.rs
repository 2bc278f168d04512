//! Refused changes, as the audit log records them: those denied by a rule or by a use case, and those whose email address
//! belongs to another user.

use async_graphql::Value;
use fieldguard_accounts::{
    audit::{Refused, RefusedTarget},
    change_users::MAX_USERS,
};
use fieldguard_domain::role::RoleName;
use fieldguard_guard::failed_changes::FailedChange;
use uuid::Uuid;

use crate::error::Code;

/// The names of arguments and input fields that name the target of a change by identifier, most frequent first.
const IDENTIFIERS: [&str; 5] = ["userId", "userIds", "sessionId", "personalAccessTokenId", "id"];

/// The input field that names the target of a change by the name of a role.
const ROLE: &str = "role";

/// The refusals among changes that failed.
#[must_use]
pub fn of(failed: Vec<FailedChange>) -> Vec<Refused> {
    failed.into_iter().filter(is_recorded).flat_map(each_target).collect()
}

/// Whether access was denied, or the email address belongs to another user, whose existence the caller learns by that.
fn is_recorded(failed: &FailedChange) -> bool {
    let tells_of_address = || failed.field.as_deref().is_some_and(|field| field.rsplit('.').next() == Some("email"));
    [Code::Unauthenticated, Code::Forbidden].iter().any(|code| code.as_str() == failed.code)
        || failed.code == Code::Conflict.as_str() && tells_of_address()
}

/// One refusal for every target, so that a filter by any of them finds it; one without a target where there is none.
fn each_target(failed: FailedChange) -> Vec<Refused> {
    let targets = targets(&failed);
    let FailedChange { coordinate, code, .. } = failed;
    let targets = if targets.is_empty() { vec![None] } else { targets.into_iter().map(Some).collect() };
    let refused = |target| Refused { coordinate: coordinate.clone(), code: code.clone(), target };
    targets.into_iter().map(refused).collect()
}

/// The targets that the arguments name, each once, and no more than one change takes. Only identifiers as this server spells them
/// and possible names of roles get into the audit log.
fn targets(failed: &FailedChange) -> Vec<RefusedTarget> {
    let in_input = |name: &str| match failed.argument("input")? {
        Value::Object(fields) => fields.get(name),
        _ => None,
    };
    if let Some(role) = in_input(ROLE).and_then(role_name) {
        return vec![RefusedTarget::Role(role)];
    }
    let found = IDENTIFIERS.iter().find_map(|name| in_input(name).or_else(|| failed.argument(name)));
    let named = match found {
        Some(Value::List(several)) => several.iter().collect(),
        other => Vec::from_iter(other),
    };
    let mut targets = Vec::new();
    for id in named.into_iter().filter_map(identifier) {
        if targets.len() < MAX_USERS && !targets.contains(&id) {
            targets.push(id);
        }
    }
    targets.into_iter().map(RefusedTarget::Id).collect()
}

fn role_name(value: &Value) -> Option<RoleName> {
    let Value::String(text) = value else { return None };
    RoleName::parse(text).ok()
}

fn identifier(value: &Value) -> Option<String> {
    let Value::String(text) = value else { return None };
    let uuid = Uuid::try_parse(text).ok()?;
    (uuid.hyphenated().to_string() == *text).then(|| text.clone())
}
