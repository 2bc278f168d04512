//! Checks constants of scalar types (GraphQL specification, section 3.5).

use async_graphql::{Value, registry::ScalarValidatorFn};
use chrono::{DateTime, Utc};

/// The name of the time scalar.
pub(crate) const TIME: &str = "DateTime";

/// Whether async-graphql accepts the value as a time.
pub(crate) fn is_time(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.parse::<DateTime<Utc>>().is_ok())
}

/// Whether the scalar never takes a list or an object.
pub(super) fn is_simple(name: &str) -> bool {
    matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID" | TIME)
}

/// Whether a non-null constant is a value of the scalar `name`. For scalars outside the specification, the schema's
/// validator decides; without a validator, the scalar itself checks the value during execution.
pub(super) fn is_scalar(value: &Value, name: &str, validator: Option<&ScalarValidatorFn>) -> bool {
    match name {
        "Int" => {
            matches!(value, Value::Number(number) if number.as_i64().is_some_and(|integer| i32::try_from(integer).is_ok()))
        }
        "Float" => matches!(value, Value::Number(_)),
        "String" => matches!(value, Value::String(_)),
        "Boolean" => matches!(value, Value::Boolean(_)),
        "ID" => match value {
            Value::String(_) => true,
            Value::Number(number) => !number.is_f64(),
            _ => false,
        },
        TIME => is_time(value),
        _ => validator.is_none_or(|validator| validator(value)),
    }
}
