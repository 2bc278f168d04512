//! Changes that a request asked for and that failed, found in the errors of its answer: for a server that keeps a record of what
//! was tried. It decides nothing.

use std::fmt;

use async_graphql::{
    Name, PathSegment, Pos, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};

/// A field of the root of mutations that failed, with nothing done.
#[derive(Clone, PartialEq, Eq)]
pub struct FailedChange {
    /// The coordinate that was refused: of the field, or of what one of its arguments or its payload tells.
    pub coordinate: String,
    /// The `code` of the error.
    pub code: String,
    /// The `field` of the error: the input field at fault.
    pub field: Option<String>,
    /// The arguments that the document gave, as far as their values are known.
    pub arguments: Vec<(Name, Value)>,
}

/// The changes that failed by `errors`, the answer's to `operation`. There are none where it is no mutation. `root` is the type
/// of mutations. Where `nothing_done`, an error of any field is one of the whole.
pub(crate) fn of(
    root: &str,
    errors: &[ServerError],
    operation: &OperationDefinition,
    variables: &Variables,
    nothing_done: bool,
) -> Vec<FailedChange> {
    if operation.ty != OperationType::Mutation {
        return Vec::new();
    }
    let failed = |error: &ServerError| {
        let key = match error.path.first() {
            Some(PathSegment::Field(key)) => Some(key.as_str()),
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
        FailedChange::by(error, coordinate, called, variables).filter(|_| is_whole)
    };
    errors.iter().filter_map(failed).collect()
}

/// The changes that failed by the refusals of hidden fields of `root`, the type of mutations, among the errors of a `document`
/// that was not run. `variables` are as the client sent them.
pub(crate) fn of_hidden(
    root: &str,
    errors: &[ServerError],
    document: &ExecutableDocument,
    variables: &Variables,
) -> Vec<FailedChange> {
    let failed = |error: &ServerError| {
        let coordinate = text(error, "coordinate").filter(|coordinate| is_of(root, coordinate))?;
        let called = error.locations.first().and_then(|at| field_at(document, *at));
        FailedChange::by(error, coordinate.to_owned(), called, variables)
    };
    errors.iter().filter_map(failed).collect()
}

/// Without the arguments, among which a password may be.
impl fmt::Debug for FailedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { coordinate, code, field, arguments: _ } = self;
        let mut shown = f.debug_struct("FailedChange");
        shown.field("coordinate", coordinate).field("code", code).field("field", field).finish_non_exhaustive()
    }
}

impl FailedChange {
    fn by(error: &ServerError, coordinate: String, called: Option<&Field>, variables: &Variables) -> Option<Self> {
        Some(Self {
            coordinate,
            code: text(error, "code")?.to_owned(),
            field: text(error, "field").map(str::to_owned),
            arguments: called.map(|field| arguments(field, variables)).unwrap_or_default(),
        })
    }

    /// The value of the argument of that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
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

fn arguments(field: &Field, variables: &Variables) -> Vec<(Name, Value)> {
    let known = field.arguments.iter().filter_map(|(name, value)| {
        let value = value.node.clone().into_const_with(|name| variables.get(&name).cloned().ok_or(())).ok()?;
        Some((name.node.clone(), value))
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_printed_without_its_arguments() {
        let arguments = vec![(Name::new("password"), Value::from("hunter2"))];
        let failed =
            FailedChange { coordinate: "M.set".to_owned(), code: "FORBIDDEN".to_owned(), field: None, arguments };
        let printed = format!("{failed:?}");
        assert!(printed.contains("M.set") && !printed.contains("hunter2"), "{printed}");
    }
}
