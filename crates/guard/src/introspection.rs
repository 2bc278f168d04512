//! Detects introspection queries. If introspection is off, a document with one is rejected.
//!
//! The rules decide what a caller sees of the schema ([`is_seen`](crate::is_seen)), not this module.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};

use super::{code::Code, failure::Failure};

/// Rejects a document that selects `__schema` or `__type`.
///
/// # Errors
///
/// `GRAPHQL_VALIDATION_FAILED`.
pub fn refuse(document: &ExecutableDocument) -> Result<(), Failure> {
    if is_asked_for(document) {
        return Err(Failure::new(Code::GraphqlValidationFailed, "Introspection is disabled on this server."));
    }
    Ok(())
}

/// Whether an operation of `document` selects `__schema` or `__type`.
#[must_use]
pub fn is_asked_for(document: &ExecutableDocument) -> bool {
    has_root_field(document, |name| matches!(name, "__schema" | "__type"))
}

/// Whether all operations of `document` are queries that contain only introspection fields, skipped or not.
#[must_use]
pub fn is_introspection_only(document: &ExecutableDocument) -> bool {
    let queries = document.operations.iter().all(|(_, operation)| operation.node.ty == OperationType::Query);
    queries && !has_root_field(document, |name| !matches!(name, "__schema" | "__type" | "__typename"))
}

/// Whether an operation of `document` has a root field whose name matches. `__schema` and `__type` occur only there.
fn has_root_field(document: &ExecutableDocument, matches_name: fn(&str) -> bool) -> bool {
    let mut seen = HashSet::new();
    let mut operations = document.operations.iter();
    operations.any(|(_, operation)| has_field(document, &operation.node.selection_set.node, matches_name, &mut seen))
}

fn has_field<'a>(
    document: &'a ExecutableDocument,
    selections: &'a SelectionSet,
    matches_name: fn(&str) -> bool,
    seen: &mut HashSet<&'a str>,
) -> bool {
    selections.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => matches_name(field.node.name.node.as_str()),
        Selection::InlineFragment(inline) => has_field(document, &inline.node.selection_set.node, matches_name, seen),
        Selection::FragmentSpread(spread) => {
            let name = spread.node.fragment_name.node.as_str();
            let fragment = document.fragments.get(name).filter(|_| seen.insert(name));
            fragment.is_some_and(|fragment| has_field(document, &fragment.node.selection_set.node, matches_name, seen))
        }
    })
}
