//! The forms of a value in either database, and in a row of a backup.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sea_orm::{QueryResult, TryGetError, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use super::catalogue::Table;

/// A row: its values, in the order of the table's columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row(pub(super) Vec<Json>);

impl Row {
    /// The row as one line of JSON, without the line break.
    pub(super) fn line(&self) -> String {
        serde_json::to_string(&self.0).expect("strings, numbers and Booleans serialize to JSON")
    }

    /// Parses a line.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok().map(Self)
    }

    /// Whether it has a value of the right type for every column.
    pub(super) fn fits(&self, table: &Table) -> bool {
        let mut cells = table.columns.iter().zip(&self.0);
        self.0.len() == table.columns.len() && cells.all(|(column, value)| column.kind.bind(value).is_some())
    }
}

/// The type of a column, on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnType {
    /// A string in a row.
    Text,
    /// A number in a row.
    Integer,
    /// `true` or `false` in a row.
    Boolean,
    /// A string of base64 in a row.
    Bytes,
    /// A string with hyphens in a row; 16 bytes in SQLite.
    Uuid,
}

impl ColumnType {
    /// The type with this SQLite declaration in a migration.
    pub(super) fn declared(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "text" => Self::Text,
            "integer" | "bigint" => Self::Integer,
            "boolean" => Self::Boolean,
            "blob" => Self::Bytes,
            "uuid_text" => Self::Uuid,
            _ => return None,
        })
    }

    /// Reads the value at this index of a query result.
    pub(super) fn read(self, row: &QueryResult, place: usize) -> Result<Json, TryGetError> {
        Ok(match self {
            Self::Text => Json::from(row.try_get_by::<Option<String>, _>(place)?),
            Self::Integer => Json::from(row.try_get_by::<Option<i64>, _>(place)?),
            Self::Boolean => Json::from(row.try_get_by::<Option<bool>, _>(place)?),
            Self::Bytes => Json::from(row.try_get_by::<Option<Vec<u8>>, _>(place)?.map(|bytes| STANDARD.encode(bytes))),
            Self::Uuid => Json::from(row.try_get_by::<Option<Uuid>, _>(place)?.map(|id| id.to_string())),
        })
    }

    /// The value to bind in a statement. `None` if it does not have this type.
    pub(super) fn bind(self, value: &Json) -> Option<Value> {
        if value.is_null() {
            return Some(match self {
                Self::Text => Value::from(None::<String>),
                Self::Integer => Value::from(None::<i64>),
                Self::Boolean => Value::from(None::<bool>),
                Self::Bytes => Value::from(None::<Vec<u8>>),
                Self::Uuid => Value::from(None::<Uuid>),
            });
        }
        Some(match self {
            Self::Text => value.as_str()?.into(),
            Self::Integer => value.as_i64()?.into(),
            Self::Boolean => value.as_bool()?.into(),
            Self::Bytes => STANDARD.decode(value.as_str()?).ok()?.into(),
            Self::Uuid => Uuid::parse_str(value.as_str()?).ok()?.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_of_another_type_is_refused() {
        for (kind, good, bad) in [
            (ColumnType::Text, json!("a\u{1f980}"), json!(1)),
            (ColumnType::Integer, json!(i64::MIN), json!("1")),
            (ColumnType::Integer, json!(0), json!(1.5)),
            (ColumnType::Boolean, json!(true), json!(1)),
            (ColumnType::Bytes, json!("AP8="), json!("AP8")),
            (ColumnType::Uuid, json!("018f0000-0000-7000-8000-000000000000"), json!("018f")),
        ] {
            assert!(kind.bind(&good).is_some() && kind.bind(&Json::Null).is_some(), "{kind:?}");
            assert!(kind.bind(&bad).is_none(), "{kind:?} {bad}");
        }
    }
}
