//! The library's validation (GraphQL specification, section 5), apart from its execution: a document is validated once and
//! then run many times.

use std::collections::HashSet;

use async_graphql::{
    EmptyMutation, EmptySubscription, Name, Object, Request, Schema, ServerError,
    parser::types::{DocumentOperations, ExecutableDocument},
    registry::Registry,
};

use super::registry;

/// Validates documents against a schema and runs nothing.
pub(super) struct Validator(Schema<Nothing, EmptyMutation, EmptySubscription>);

/// Stands for the schema's own root, whose fields are not resolved here.
struct Nothing;

#[Object]
impl Nothing {
    async fn nothing(&self) -> Option<bool> {
        None
    }
}

impl Validator {
    /// Validates against the types in `registry`.
    pub(super) fn of(registry: &Registry) -> Self {
        let builder = Schema::build(Nothing, EmptyMutation, EmptySubscription);
        Self(registry::replace(builder, registry::copy(registry)).disable_suggestions().finish())
    }

    /// What is wrong with `document`. The values of variables are not known here.
    pub(super) async fn check(&self, document: &ExecutableDocument) -> Vec<ServerError> {
        // The roots have no field of the document's, so that each is null; introspection alone would be answered.
        let mut request = Request::new("").disable_introspection();
        request.operation_name = match &document.operations {
            DocumentOperations::Single(_) => None,
            DocumentOperations::Multiple(operations) => operations.keys().next().map(Name::to_string),
        };
        request.set_parsed_query(document.clone());
        // On the heap: `explainAccess` validates within an execution, whose own future is deep enough.
        let mut errors = Box::pin(self.0.execute(request)).await.errors;
        // Some of its rules are asked twice.
        let mut known = HashSet::new();
        errors.retain(|error| known.insert((error.message.clone(), error.locations.clone())));
        errors
    }
}
