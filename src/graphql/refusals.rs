//! Changes that a request was refused for want of rights, found in its answer: by a rule, or by a use case that looked at
//! the data. It decides nothing.

use async_graphql::{
    ServerError, Value, Variables,
    parser::types::{Field, OperationDefinition, OperationType, Selection, SelectionSet},
};
use uuid::Uuid;

use super::error::Code;
use crate::accounts::audit::Refused;

/// How an identifier of what is changed is called among arguments and in inputs, the likeliest first.
const IDENTIFIERS: [&str; 4] = ["userId", "roleId", "sessionId", "id"];

/// The refusals among `errors`, the answer's to `operation`. There are none where it is no mutation. Where `nothing_done`, a
/// refusal of any field is one of the whole.
#[must_use]
pub fn of(
    errors: &[ServerError],
    operation: &OperationDefinition,
    variables: &Variables,
    nothing_done: bool,
) -> Vec<Refused> {
    if operation.ty != OperationType::Mutation || errors.is_empty() {
        return Vec::new();
    }
    let refused = |error: &ServerError| {
        let code = text(error, "code").filter(|it| is_refusal(it))?;
        let key = match error.path.first() {
            Some(async_graphql::PathSegment::Field(key)) => Some(key.as_str()),
            _ => None,
        };
        let coordinate = text(error, "coordinate");
        // A field of the payload that is refused leaves the change made.
        let is_whole =
            nothing_done || error.path.len() <= 1 || coordinate.is_some_and(|it| it.starts_with("Mutation."));
        let called = key.and_then(|key| find(&operation.selection_set.node, key));
        let coordinate = match (coordinate, called) {
            (Some(coordinate), _) => coordinate.to_owned(),
            (None, Some(field)) => format!("Mutation.{}", field.name.node),
            (None, None) => return None,
        };
        let target = called.and_then(|field| target(field, variables));
        is_whole.then(|| Refused { coordinate, code: code.to_owned(), target })
    };
    errors.iter().filter_map(refused).collect()
}

fn is_refusal(code: &str) -> bool {
    [Code::Unauthenticated, Code::Forbidden].iter().any(|it| it.as_str() == code)
}

fn text<'a>(error: &'a ServerError, name: &str) -> Option<&'a str> {
    match error.extensions.as_ref()?.get(name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The field of the root that the answer has under `key`. A root in normal form has fields alone.
fn find<'a>(root: &'a SelectionSet, key: &str) -> Option<&'a Field> {
    root.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => (field.node.response_key().node == key).then_some(&field.node),
        Selection::InlineFragment(_) | Selection::FragmentSpread(_) => None,
    })
}

/// The identifier among the field's arguments: nothing but an identifier as this server spells them gets into the trail.
fn target(field: &Field, variables: &Variables) -> Option<String> {
    let value = |name: &str| {
        let value = field.get_argument(name)?.node.clone();
        value.into_const_with(|name| variables.get(&name).cloned().ok_or(())).ok()
    };
    let plain = |name: &&str| value(name);
    let in_input = |name: &&str| match value("input")? {
        Value::Object(fields) => fields.get(*name).cloned(),
        _ => None,
    };
    let found = IDENTIFIERS.iter().find_map(|name| in_input(name).or_else(|| plain(name)))?;
    let Value::String(text) = found else { return None };
    let uuid = Uuid::try_parse(&text).ok()?;
    (uuid.hyphenated().to_string() == text).then_some(text)
}
