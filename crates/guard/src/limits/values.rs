//! Limits the nesting of variable values. The limit on a document's text does not cover them: they arrive as JSON
//! beside the document.

use async_graphql::{Value, Variables};

use super::within;
use crate::{failure::Failure, settings::Limits};

/// Checks the nesting of variable values.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX`.
pub fn check(variables: &Variables, limits: &Limits) -> Result<(), Failure> {
    let deepest = variables.values().map(depth).max().unwrap_or_default();
    within("variableNesting", deepest, limits.variable_nesting)
}

/// Recursion is bounded: the JSON reader rejects nesting deeper than about 120.
fn depth(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn counts_lists_and_objects() {
        for (json, expected) in [(json!(1), 0), (json!([]), 1), (json!({ "a": [1, { "b": [] }] }), 4)] {
            assert_eq!(depth(&Value::from_json(json.clone()).unwrap()), expected, "{json}");
        }
    }
}
