//! Constants of scalar types (GraphQL specification, section 3.5).

use async_graphql::{Value, registry::ScalarValidatorFn};
use chrono::{DateTime, Utc};

/// The scalar of times.
pub(crate) const TIME: &str = "DateTime";

/// Whether a value is a time, as the library reads one.
pub(crate) fn is_time(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.parse::<DateTime<Utc>>().is_ok())
}

/// Whether no value of the scalar of that name is a list or an object.
pub(super) fn is_simple(name: &str) -> bool {
    matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID" | TIME)
}

/// Whether a constant that is not null is one of the scalar of that name. A scalar that the specification does not define is
/// judged by the schema; where it has no judge, the scalar itself refuses the value when it runs.
pub(super) fn is_scalar(value: &Value, name: &str, judge: Option<&ScalarValidatorFn>) -> bool {
    match name {
        "Int" => matches!(value, Value::Number(number) if number.as_i64().is_some_and(|it| i32::try_from(it).is_ok())),
        "Float" => matches!(value, Value::Number(_)),
        "String" => matches!(value, Value::String(_)),
        "Boolean" => matches!(value, Value::Boolean(_)),
        "ID" => match value {
            Value::String(_) => true,
            Value::Number(number) => !number.is_f64(),
            _ => false,
        },
        TIME => is_time(value),
        _ => judge.is_none_or(|judge| judge(value)),
    }
}
