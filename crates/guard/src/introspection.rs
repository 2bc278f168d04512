//! Documents that ask for the schema: where introspection is off, they are refused as a whole; and whether one asks for
//! nothing else.
//!
//! What a caller sees of the schema follows from the rules ([`is_seen`](crate::is_seen)), not from here.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};

use super::{code::Code, failure::Failure};

/// Refuses a document that asks for `__schema` or `__type`.
///
/// # Errors
///
/// `GRAPHQL_VALIDATION_FAILED`.
pub fn refuse(document: &ExecutableDocument) -> Result<(), Failure> {
    if is_asked_for(document) {
        return Err(Failure::new(Code::GraphqlValidationFailed, "Introspection is off on this server."));
    }
    Ok(())
}

/// Does an operation of `document` ask for `__schema` or `__type`?
#[must_use]
pub fn is_asked_for(document: &ExecutableDocument) -> bool {
    has_root_field(document, |name| matches!(name, "__schema" | "__type"))
}

/// Are all operations of `document` queries for the schema, with no other field beside, whether it is skipped or not?
#[must_use]
pub fn asks_for_nothing_else(document: &ExecutableDocument) -> bool {
    let queries = document.operations.iter().all(|(_, operation)| operation.node.ty == OperationType::Query);
    queries && !has_root_field(document, |name| !matches!(name, "__schema" | "__type" | "__typename"))
}

/// Has an operation of `document` a root field of such a name? `__schema` and `__type` stand nowhere else.
fn has_root_field(document: &ExecutableDocument, is_such: fn(&str) -> bool) -> bool {
    let mut seen = HashSet::new();
    let mut operations = document.operations.iter();
    operations.any(|(_, operation)| has_field(document, &operation.node.selection_set.node, is_such, &mut seen))
}

fn has_field<'a>(
    document: &'a ExecutableDocument,
    selections: &'a SelectionSet,
    is_such: fn(&str) -> bool,
    seen: &mut HashSet<&'a str>,
) -> bool {
    selections.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => is_such(field.node.name.node.as_str()),
        Selection::InlineFragment(inline) => has_field(document, &inline.node.selection_set.node, is_such, seen),
        Selection::FragmentSpread(spread) => {
            let name = spread.node.fragment_name.node.as_str();
            let fragment = document.fragments.get(name).filter(|_| seen.insert(name));
            fragment.is_some_and(|it| has_field(document, &it.node.selection_set.node, is_such, seen))
        }
    })
}
