//! Introspection where it is off: a document that asks for the schema is refused as a whole.
//!
//! Where it is on, what a caller sees follows from the rules ([`super::guard`]), not from here.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::{error::Code, failure::Failure};

/// Refuses a document that asks for `__schema` or `__type`.
///
/// # Errors
///
/// `GRAPHQL_VALIDATION_FAILED`.
pub fn refuse(document: &ExecutableDocument) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    let asks = document
        .operations
        .iter()
        .any(|(_, operation)| asks_for_schema(document, &operation.node.selection_set.node, &mut seen));
    if asks {
        return Err(Failure::new(Code::GraphqlValidationFailed, "Introspection is off on this server."));
    }
    Ok(())
}

/// Looks at the root fields only: `__schema` and `__type` stand nowhere else.
fn asks_for_schema<'a>(
    document: &'a ExecutableDocument,
    selections: &'a SelectionSet,
    seen: &mut HashSet<&'a str>,
) -> bool {
    selections.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => matches!(field.node.name.node.as_str(), "__schema" | "__type"),
        Selection::InlineFragment(inline) => asks_for_schema(document, &inline.node.selection_set.node, seen),
        Selection::FragmentSpread(spread) => {
            let name = spread.node.fragment_name.node.as_str();
            let fragment = document.fragments.get(name).filter(|_| seen.insert(name));
            fragment.is_some_and(|it| asks_for_schema(document, &it.node.selection_set.node, seen))
        }
    })
}
