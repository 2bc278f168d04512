//! The `@exclusive` limit: one request can't repeat a field that is expensive, such as one that hashes a password, or
//! that tests a guess.

use std::collections::BTreeMap;

use async_graphql::parser::types::{OperationDefinition, Selection};

use super::within;
use crate::{failure::Failure, registry::TypeSystem};

/// Checks that an operation in normal form selects at most one root field of each group.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX`, whose limit is the name of the group.
pub fn check(types: &TypeSystem, operation: &OperationDefinition) -> Result<(), Failure> {
    let Some(root) = types.root(operation.ty) else { return Ok(()) };
    let mut counts = BTreeMap::new();
    for selection in &operation.selection_set.node.items {
        // The root of a normal form contains only fields.
        let Selection::Field(field) = &selection.node else { continue };
        if let Some(group) = root.field(&field.node.name.node).and_then(|field| field.exclusive.as_deref()) {
            *counts.entry(group).or_default() += 1;
        }
    }
    counts.into_iter().try_for_each(|(group, asked)| within(group, asked, 1))
}

#[cfg(test)]
mod tests {
    use async_graphql::{
        EmptySubscription, Object, Schema, ServerError,
        parser::{parse_query, types::ExecutableDocument},
    };

    use super::*;
    use crate::{
        conventions::Conventions,
        cost_directives::Exclusive,
        registry::{self, TypeSystem},
    };

    struct Query;

    #[Object(name = "Reading")]
    impl Query {
        #[graphql(directive = Exclusive::apply("exports"))]
        async fn export(&self) -> i32 {
            1
        }

        async fn login(&self) -> i32 {
            1
        }
    }

    struct Mutation;

    /// These fields are named like sign-in fields, but the schema gives them no group.
    #[Object(name = "Writing")]
    impl Mutation {
        async fn refresh(&self) -> i32 {
            1
        }

        async fn login(&self) -> i32 {
            1
        }

        #[graphql(directive = Exclusive::apply("prints"))]
        async fn print(&self) -> i32 {
            1
        }

        #[graphql(directive = Exclusive::apply("prints"))]
        async fn proof(&self) -> i32 {
            1
        }

        #[graphql(directive = Exclusive::apply("scans"))]
        async fn scan(&self) -> i32 {
            1
        }
    }

    fn exceeded_limit(types: &TypeSystem, document: &ExecutableDocument) -> Option<String> {
        let (_, operation) = document.operations.iter().next().unwrap();
        let extensions = ServerError::from(check(types, &operation.node).err()?).extensions.unwrap();
        Some(extensions.get("limit").unwrap().to_string().trim_matches('"').to_owned())
    }

    #[test]
    fn operation_selects_one_field_per_group_regardless_of_names() {
        let builder = registry::complete(Schema::build(Query, Mutation, EmptySubscription), &Conventions::PLAIN);
        let types = registry::inspect(builder, TypeSystem::of).1;
        for (document, expected) in [
            ("mutation { a: refresh b: refresh c: login d: login }", None),
            ("mutation { print scan }", None),
            ("mutation { a: print b: print }", Some("prints")),
            ("mutation { print proof }", Some("prints")),
            ("{ a: login b: login export }", None),
            ("{ a: export b: export }", Some("exports")),
        ] {
            assert_eq!(exceeded_limit(&types, &parse_query(document).unwrap()).as_deref(), expected, "{document}");
        }
    }
}
