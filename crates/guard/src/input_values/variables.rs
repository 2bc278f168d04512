//! Checks variable values against the types that the operation declares (GraphQL specification, section 6.1.2,
//! "Coercing Variable Values").

use async_graphql::{Variables, parser::types::OperationDefinition};

use super::{
    Mismatch,
    check::{Check, Form},
};
use crate::{failure::Failure, registry::TypeSystem};

/// Adds default values to `variables` and checks the given ones against the types in `operation`.
///
/// # Errors
///
/// `BAD_USER_INPUT`, whose `field` names the variable.
pub(crate) fn coerce(
    types: &TypeSystem,
    operation: &OperationDefinition,
    variables: &mut Variables,
) -> Result<(), Failure> {
    let check = Check::constants(types, Form::Json);
    for definition in operation.variable_definitions.iter().map(|definition| &definition.node) {
        let (name, ty) = (&definition.name.node, &definition.var_type.node);
        let checked = match (variables.get(name), &definition.default_value) {
            (Some(value), _) => check.value(&value.clone().into_value(), ty),
            (None, Some(default)) => {
                variables.insert(name.clone(), default.node.clone());
                Ok(())
            }
            (None, None) if ty.nullable => Ok(()),
            (None, None) => Err(Mismatch::new("is missing")),
        };
        checked.map_err(|Mismatch { place, reason }| {
            let message = format!("`${name}` must be of type `{ty}`, but `{name}{place}` {reason}.");
            Failure::bad_value(name, message)
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query};
    use serde_json::Value as Json;
    use serde_json::json;

    use super::super::fixture;
    use super::*;

    /// The coerced variables, or the error message.
    fn coerced(declared: &str, given: Json) -> Result<Json, String> {
        let document = parse_query(format!("query ({declared}) {{ a }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let mut variables = Variables::from_json(given);
        match coerce(&fixture::types(), &operation.node, &mut variables) {
            Ok(()) => Ok(serde_json::to_value(variables).unwrap()),
            Err(failure) => Err(ServerError::from(failure).message),
        }
    }

    #[test]
    fn valid_values_pass() {
        for (declared, value) in [
            ("$x: Int", json!(-7)),
            ("$x: Int!", json!(2_147_483_647)),
            ("$x: Float", json!(1)),
            ("$x: ID!", json!(7)),
            ("$x: ID!", json!("7")),
            ("$x: Boolean", json!(null)),
            ("$x: [Int!]!", json!([1, 2])),
            ("$x: [Int!]!", json!(1)),
            ("$x: [[Int]]", json!([[1, null], null])),
            ("$x: Enum", json!("TWO")),
            ("$x: DateTime", json!("2026-11-24T12:00:00.5+01:00")),
            ("$x: Input", json!({ "name": "a" })),
            ("$x: Input", json!({ "name": "a", "tags": ["b"], "inner": { "name": "c", "size": 1 } })),
            ("$x: Anything", json!({ "any": ["thing"] })),
            ("$x: Unknown", json!(1)),
        ] {
            let given = json!({ "x": value });
            assert_eq!(coerced(declared, given.clone()), Ok(given), "{declared}");
        }
    }

    #[test]
    fn defaults_replace_only_absent_variables() {
        assert_eq!(coerced("$x: Int = 3", json!({})), Ok(json!({ "x": 3 })));
        assert_eq!(coerced("$x: Int = 3", json!({ "x": null })), Ok(json!({ "x": null })));
        assert_eq!(coerced("$x: Int", json!({})), Ok(json!({})));
        assert_eq!(coerced("$x: Int", json!({ "y": 1 })), Ok(json!({ "y": 1 })));
    }

    #[test]
    fn errors_say_where_a_value_is_invalid_and_omit_it() {
        let long = "x".repeat(65);
        for (declared, value, place) in [
            ("$x: Int", json!("secret"), "`x` is not a valid `Int`."),
            ("$x: Int", json!(1.5), "`x` is not a valid `Int`."),
            ("$x: Int", json!(2_147_483_648_u64), "`x` is not a valid `Int`."),
            ("$x: String", json!(1), "`x` is not a valid `String`."),
            ("$x: ID", json!(1.5), "`x` is not a valid `ID`."),
            ("$x: Boolean", json!("true"), "`x` is not a valid `Boolean`."),
            ("$x: DateTime", json!("secret"), "`x` is not a valid `DateTime`."),
            ("$x: DateTime", json!(1), "`x` is not a valid `DateTime`."),
            ("$x: Int!", json!(null), "`x` is null."),
            ("$x: Enum", json!("secret"), "`x` is not a valid `Enum`."),
            ("$x: [Int!]", json!([1, null]), "`x[1]` is null."),
            ("$x: Input", json!("secret"), "`x` is not a valid `Input`."),
            ("$x: Input", json!({}), "`x.name` is missing."),
            ("$x: Input", json!({ "name": "a", "inner": { "name": 1 } }), "`x.inner.name` is not a valid `String`."),
            ("$x: Input", json!({ "name": "a", "tags": ["b", 1] }), "`x.tags[1]` is not a valid `String`."),
            (
                "$x: Either",
                json!({ "name": "a", "number": 1 }),
                "`x` must have exactly one field of `Either`, and not null.",
            ),
            ("$x: Input", json!({ "name": "a", "b": 1 }), "`x` has the field `b`, which `Input` does not define."),
            ("$x: Input", json!({ "name": "a", "<b>": 1 }), "`x` has a field that `Input` does not define."),
            ("$x: Input", json!({ "name": "a", long: 1 }), "`x` has a field that `Input` does not define."),
        ] {
            let message = coerced(declared, json!({ "x": value })).expect_err(declared);
            assert!(message.ends_with(place) && !message.contains("secret"), "{message}");
        }
        assert!(coerced("$x: Int!", json!({})).unwrap_err().ends_with("`x` is missing."));
    }
}
