//! async-graphql's validation (GraphQL specification, section 5) without execution: a document is validated once and
//! run many times.

use std::collections::HashSet;

use async_graphql::{
    EmptyMutation, EmptySubscription, Name, Object, Request, Schema, ServerError,
    parser::types::{DocumentOperations, ExecutableDocument},
    registry::Registry,
};

use super::registry;

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
        request.set_parsed_query(document.clone());
        // On the heap: `explainAccess` validates inside an execution, whose future is already large.
        let mut errors = Box::pin(self.0.execute(request)).await.errors;
        // async-graphql applies some of its rules twice.
        let mut known = HashSet::new();
        errors.retain(|error| known.insert((error.message.clone(), error.locations.clone())));
        errors
    }
}
