//! async-graphql's validation (GraphQL specification, section 5) without execution: a document is validated once and
//! run many times.

use std::collections::HashSet;

use async_graphql::{
    EmptyMutation, EmptySubscription, Name, Object, Positioned, Request, Schema, ServerError,
    parser::types::{Directive, DocumentOperations, ExecutableDocument, InlineFragment, Selection, SelectionSet},
    registry::Registry,
};

use super::{normalized_operation::is_condition, registry};

/// Validates documents against a schema without running them.
pub(super) struct Validator(Schema<EmptyRoot, EmptyMutation, EmptySubscription>);

/// A placeholder for the schema's query root, whose fields are not resolved here.
struct EmptyRoot;

#[Object]
impl EmptyRoot {
    async fn empty(&self) -> Option<bool> {
        None
    }
}

impl Validator {
    /// Creates a validator for the types in `registry`.
    pub(super) fn of(registry: &Registry) -> Self {
        let builder = Schema::build(EmptyRoot, EmptyMutation, EmptySubscription);
        Self(registry::replace(builder, registry::copy(registry)).disable_suggestions().finish())
    }

    /// The errors of `document`. Variable values are not checked.
    pub(super) async fn check(&self, document: &ExecutableDocument) -> Vec<ServerError> {
        // The placeholder root has none of the document's fields, so each is null. Only introspection would be
        // answered.
        let mut request = Request::new("").disable_introspection();
        request.operation_name = match &document.operations {
            DocumentOperations::Single(_) => None,
            DocumentOperations::Multiple(operations) => operations.keys().next().map(Name::to_string),
        };
        let mut document = document.clone();
        for fragment in document.fragments.values_mut() {
            show_conditions(&mut fragment.node.selection_set.node);
        }
        let operations: Vec<_> = match &mut document.operations {
            DocumentOperations::Single(operation) => vec![operation],
            DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
        };
        for operation in operations {
            show_conditions(&mut operation.node.selection_set.node);
        }
        request.set_parsed_query(document);
        // On the heap: `explainAccess` validates inside an execution, whose future is already large.
        let mut errors = Box::pin(self.0.execute(request)).await.errors;
        // async-graphql applies some of its rules twice.
        let mut known = HashSet::new();
        errors.retain(|error| known.insert((error.message.clone(), error.locations.clone())));
        errors
    }
}

/// Moves `@skip` and `@include` from `__typename` to a fragment around it, which means the same. async-graphql's rules don't
/// visit `__typename`, so they would report that a variable in its directives is not used.
fn show_conditions(set: &mut SelectionSet) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                let directives = std::mem::take(&mut field.node.directives);
                let (conditions, others) = directives.into_iter().partition(|it| is_condition(&it.node));
                field.node.directives = others;
                enclose(selection, conditions);
            }
            Selection::Field(field) => show_conditions(&mut field.node.selection_set.node),
            Selection::InlineFragment(fragment) => show_conditions(&mut fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// Puts the selection into a fragment with these directives.
fn enclose(selection: &mut Positioned<Selection>, directives: Vec<Positioned<Directive>>) {
    if directives.is_empty() {
        return;
    }
    let at = selection.pos;
    let set = Positioned::new(SelectionSet { items: vec![selection.clone()] }, at);
    let fragment = InlineFragment { type_condition: None, directives, selection_set: set };
    selection.node = Selection::InlineFragment(Positioned::new(fragment, at));
}
