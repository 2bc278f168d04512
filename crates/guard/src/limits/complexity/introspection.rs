//! What tools ask of a schema: all there is of it, with types of types nine deep.

use async_graphql::parser::parse_query;

use super::Complexity;
use crate::{admission, normalized_operation::normalize, registry::TypeSystem};

/// Every list of introspection, with every field that the specification gives it (GraphQL specification, section 4).
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

/// What that costs.
pub(super) fn standard(types: &TypeSystem, complexity: &Complexity) -> usize {
    let document = parse_query(ALL).expect("it is GraphQL");
    let (_, operation) = admission::operation(&document, None).expect("it has one operation");
    let normalized = normalize(types, &document, operation, None, usize::MAX).expect("there is room for all");
    complexity.of(types, &normalized.definition).introspection
}
