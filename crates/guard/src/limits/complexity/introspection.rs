//! The introspection query of tools: the whole schema, with types nested nine levels deep.

use async_graphql::parser::parse_query;

use super::Complexity;
use crate::{admission, normalized_operation::normalize, registry::TypeSystem};

/// All introspection lists with all their fields (GraphQL specification, section 4).
const ALL: &str = "
    { __schema {
        description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
        types { ...Type } directives { name description isRepeatable locations args(includeDeprecated: true) { ...Value } }
    } }
    fragment Type on __Type {
        __typename kind name description specifiedByURL isOneOf
        fields(includeDeprecated: true) {
            __typename name description args(includeDeprecated: true) { ...Value } type { ...Reference } isDeprecated deprecationReason
        }
        inputFields(includeDeprecated: true) { ...Value }
        interfaces { ...Reference } possibleTypes { ...Reference }
        enumValues(includeDeprecated: true) { __typename name description isDeprecated deprecationReason }
    }
    fragment Value on __InputValue {
        __typename name description type { ...Reference } defaultValue isDeprecated deprecationReason
    }
    fragment Reference on __Type {
        kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
            ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
    }";

/// The cost of that query.
pub(super) fn standard(types: &TypeSystem, complexity: &Complexity) -> usize {
    let document = parse_query(ALL).expect("the query is valid GraphQL");
    let (_, operation) = admission::operation(&document, None).expect("the query has one operation");
    let normalized =
        normalize(types, &document, operation, None, usize::MAX).expect("the number of fields is not limited");
    complexity.of(types, &normalized.definition).introspection
}
