//! The nesting of variable values. A document cannot nest deeper than its text is allowed to, but variables come as JSON,
//! beside the document.

use async_graphql::{Value, Variables};

use super::within;
use crate::{failure::Failure, settings::Limits};

/// Holds the values of variables to their nesting.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX`.
pub fn check(variables: &Variables, limits: &Limits) -> Result<(), Failure> {
    let deepest = variables.values().map(depth).max().unwrap_or_default();
    within("variableNesting", deepest, limits.variable_nesting)
}

/// Recursion is bounded: the reader of a client's JSON refuses what nests deeper than 120 or so.
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
