//! Finds the failed mutations of a request in the errors of its answer, for a server that logs attempts. It decides
//! nothing.

use std::fmt;

use async_graphql::{
    Name, PathSegment, Pos, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};

/// A mutation field that failed and changed nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct FailedChange {
    /// The denied coordinate: of the mutation field, of a field that one of its arguments exposes, or of a payload
    /// field.
    pub coordinate: String,
    /// The `code` of the error.
    pub code: String,
    /// The `field` of the error: the invalid input field.
    pub field: Option<String>,
    /// The arguments in the document, as far as their values are known.
    pub arguments: Vec<(Name, Value)>,
}

/// The mutations that failed, according to the `errors` of the answer to `operation`; empty if it is not a mutation.
/// `root` is the mutation root type. If `nothing_done`, an error of any field counts as an error of the mutation.
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
        // If only a payload field is denied, the change was made.
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

/// The mutations that failed because of denied hidden fields of `root`, the mutation root type, in a `document` that
/// did not run. `variables` are as the client sent them.
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

/// Omits the arguments, because they can contain a password.
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

    /// The value of the argument `name`.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// Whether the coordinate belongs to a field of type `ty`.
fn is_of(ty: &str, coordinate: &str) -> bool {
    coordinate.split_once('.').is_some_and(|(owner, _)| owner == ty)
}

/// The root field at position `at`. Fields below a root field are not searched.
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

/// The root field with this response key. The root of a normal form contains only fields.
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
    fn debug_output_omits_arguments() {
        let arguments = vec![(Name::new("password"), Value::from("hunter2"))];
        let failed =
            FailedChange { coordinate: "M.set".to_owned(), code: "FORBIDDEN".to_owned(), field: None, arguments };
        let printed = format!("{failed:?}");
        assert!(printed.contains("M.set") && !printed.contains("hunter2"), "{printed}");
    }
}
