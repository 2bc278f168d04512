//! Changes that a request was refused for want of rights, found in its answer: by a rule, or by a use case that looked at
//! the data; and those that were refused since an email address is another account's. It decides nothing.

use async_graphql::{
    Pos, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};
use uuid::Uuid;

use super::error::Code;
use crate::accounts::{audit::Refused, many::AT_MOST};

/// How an identifier of what is changed, or a list of them, is called among arguments and in inputs, the likeliest first.
const IDENTIFIERS: [&str; 5] = ["userId", "userIds", "roleId", "sessionId", "id"];

/// The refusals among `errors`, the answer's to `operation`. There are none where it is no mutation. `root` is the type of
/// mutations. Where `nothing_done`, a refusal of any field is one of the whole.
#[must_use]
pub fn of(
    root: &str,
    errors: &[ServerError],
    operation: &OperationDefinition,
    variables: &Variables,
    nothing_done: bool,
) -> Vec<Refused> {
    if operation.ty != OperationType::Mutation || errors.is_empty() {
        return Vec::new();
    }
    let refused = |error: &ServerError| {
        let code = text(error, "code").filter(|it| is_recorded(error, it))?;
        let key = match error.path.first() {
            Some(async_graphql::PathSegment::Field(key)) => Some(key.as_str()),
            _ => None,
        };
        let coordinate = text(error, "coordinate");
        // A field of the payload that is refused leaves the change made.
        let is_whole =
            nothing_done || error.path.len() <= 1 || coordinate.is_some_and(|coordinate| is_of(root, coordinate));
        let called = key.and_then(|key| find(&operation.selection_set.node, key));
        let coordinate = match (coordinate, called) {
            (Some(coordinate), _) => coordinate.to_owned(),
            (None, Some(field)) => format!("{root}.{}", field.name.node),
            (None, None) => return None,
        };
        let targets = called.map(|field| targets(field, variables)).unwrap_or_default();
        is_whole.then(|| each_target(&coordinate, code, targets))
    };
    errors.iter().filter_map(refused).flatten().collect()
}

/// The refusals of hidden fields of `root`, the type of mutations, among the errors of a `document` that was not run.
/// `variables` are as the client sent them.
#[must_use]
pub fn of_hidden(
    root: &str,
    errors: &[ServerError],
    document: &ExecutableDocument,
    variables: &Variables,
) -> Vec<Refused> {
    let refused = |error: &ServerError| {
        let code = text(error, "code").filter(|it| is_recorded(error, it))?;
        let coordinate = text(error, "coordinate").filter(|coordinate| is_of(root, coordinate))?;
        let called = error.locations.first().and_then(|at| field_at(document, *at));
        let targets = called.map(|field| targets(field, variables)).unwrap_or_default();
        Some(each_target(coordinate, code, targets))
    };
    errors.iter().filter_map(refused).flatten().collect()
}

/// Is it the coordinate of a field of that type?
fn is_of(ty: &str, coordinate: &str) -> bool {
    coordinate.split_once('.').is_some_and(|(owner, _)| owner == ty)
}

/// The field that begins there, among those of roots: what they select lies below them.
fn field_at(document: &ExecutableDocument, at: Pos) -> Option<&Field> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).find_map(|set| field_within(set, at))
}

fn field_within(set: &SelectionSet, at: Pos) -> Option<&Field> {
    set.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => (field.pos == at).then_some(&field.node),
        Selection::InlineFragment(fragment) => field_within(&fragment.node.selection_set.node, at),
        Selection::FragmentSpread(_) => None,
    })
}

/// One refusal for every target, so that whoever looks for what was tried on one of them finds it; one without a target where
/// there is none.
fn each_target(coordinate: &str, code: &str, targets: Vec<String>) -> Vec<Refused> {
    let targets = if targets.is_empty() { vec![None] } else { targets.into_iter().map(Some).collect() };
    let refused = |target| Refused { coordinate: coordinate.to_owned(), code: code.to_owned(), target };
    targets.into_iter().map(refused).collect()
}

/// Is it a refusal for want of rights, or for an email address of another account, whose existence the caller learns by it?
fn is_recorded(error: &ServerError, code: &str) -> bool {
    let tells_of_address = || text(error, "field").is_some_and(|it| it.rsplit('.').next() == Some("email"));
    [Code::Unauthenticated, Code::Forbidden].iter().any(|it| it.as_str() == code)
        || code == Code::Conflict.as_str() && tells_of_address()
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

/// The identifiers among the field's arguments, each once: nothing but an identifier as this server spells them gets into the
/// trail, and no more of them than one change takes.
fn targets(field: &Field, variables: &Variables) -> Vec<String> {
    let value = |name: &str| {
        let value = field.get_argument(name)?.node.clone();
        value.into_const_with(|name| variables.get(&name).cloned().ok_or(())).ok()
    };
    let plain = |name: &&str| value(name);
    let in_input = |name: &&str| match value("input")? {
        Value::Object(fields) => fields.get(*name).cloned(),
        _ => None,
    };
    let found = IDENTIFIERS.iter().find_map(|name| in_input(name).or_else(|| plain(name)));
    let named = match found {
        Some(Value::List(several)) => several,
        other => other.into_iter().collect(),
    };
    let mut targets = Vec::new();
    for id in named.into_iter().filter_map(identifier) {
        if targets.len() < AT_MOST && !targets.contains(&id) {
            targets.push(id);
        }
    }
    targets
}

fn identifier(value: Value) -> Option<String> {
    let Value::String(text) = value else { return None };
    let uuid = Uuid::try_parse(&text).ok()?;
    (uuid.hyphenated().to_string() == text).then_some(text)
}
