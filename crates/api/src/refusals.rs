//! Changes that a request was refused for want of rights, by a rule or by a use case that looked at the data, and those that were
//! refused since an email address is another account's: as the audit trail has them. It decides nothing.

use async_graphql::Value;
use fieldguard_accounts::{audit::Refused, many::AT_MOST};
use fieldguard_guard::failed_changes::FailedChange;
use uuid::Uuid;

use crate::error::Code;

/// How an identifier of what is changed, or a list of them, is called among arguments and in inputs, the likeliest first.
const IDENTIFIERS: [&str; 5] = ["userId", "userIds", "roleId", "sessionId", "id"];

/// The refusals among changes that failed.
#[must_use]
pub fn of(failed: Vec<FailedChange>) -> Vec<Refused> {
    failed.into_iter().filter(is_recorded).flat_map(each_target).collect()
}

/// Is it a refusal for want of rights, or for an email address of another account, whose existence the caller learns by it?
fn is_recorded(failed: &FailedChange) -> bool {
    let tells_of_address = || failed.field.as_deref().is_some_and(|field| field.rsplit('.').next() == Some("email"));
    [Code::Unauthenticated, Code::Forbidden].iter().any(|code| code.as_str() == failed.code)
        || failed.code == Code::Conflict.as_str() && tells_of_address()
}

/// One refusal for every target, so that a search for what was tried on one of them finds it; one without a target where
/// there is none.
fn each_target(failed: FailedChange) -> Vec<Refused> {
    let targets = targets(&failed);
    let FailedChange { coordinate, code, .. } = failed;
    let targets = if targets.is_empty() { vec![None] } else { targets.into_iter().map(Some).collect() };
    let refused = |target| Refused { coordinate: coordinate.clone(), code: code.clone(), target };
    targets.into_iter().map(refused).collect()
}

/// The identifiers among the arguments, each once: nothing but an identifier as this server spells them gets into the trail, and
/// no more of them than one change takes.
fn targets(failed: &FailedChange) -> Vec<String> {
    let in_input = |name: &str| match failed.argument("input")? {
        Value::Object(fields) => fields.get(name),
        _ => None,
    };
    let found = IDENTIFIERS.iter().find_map(|name| in_input(name).or_else(|| failed.argument(name)));
    let named = match found {
        Some(Value::List(several)) => several.iter().collect(),
        other => Vec::from_iter(other),
    };
    let mut targets = Vec::new();
    for id in named.into_iter().filter_map(identifier) {
        if targets.len() < AT_MOST && !targets.contains(&id) {
            targets.push(id);
        }
    }
    targets
}

fn identifier(value: &Value) -> Option<String> {
    let Value::String(text) = value else { return None };
    let uuid = Uuid::try_parse(text).ok()?;
    (uuid.hyphenated().to_string() == *text).then(|| text.clone())
}
