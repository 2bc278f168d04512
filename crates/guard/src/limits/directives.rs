//! Counts the directives of a document.

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};

/// The directives of the whole document. Each counts once, where it is written.
pub(super) fn count(document: &ExecutableDocument) -> usize {
    let operations: usize = document.operations.iter().map(|(_, operation)| of_operation(&operation.node)).sum();
    let fragments = document
        .fragments
        .values()
        .map(|fragment| fragment.node.directives.len() + of_selections(&fragment.node.selection_set.node));
    operations + fragments.sum::<usize>()
}

fn of_operation(operation: &OperationDefinition) -> usize {
    let variables: usize = operation.variable_definitions.iter().map(|variable| variable.node.directives.len()).sum();
    operation.directives.len() + variables + of_selections(&operation.selection_set.node)
}

fn of_selections(set: &SelectionSet) -> usize {
    let of_selection = |selection: &Selection| match selection {
        Selection::Field(field) => field.node.directives.len() + of_selections(&field.node.selection_set.node),
        Selection::FragmentSpread(spread) => spread.node.directives.len(),
        Selection::InlineFragment(fragment) => {
            fragment.node.directives.len() + of_selections(&fragment.node.selection_set.node)
        }
    };
    set.items.iter().map(|selection| of_selection(&selection.node)).sum()
}
