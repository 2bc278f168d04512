//! Column types that `Debug` hides: entities derive it, and its output may end up in a log.

use std::fmt;

use sea_orm::DeriveValueType;

/// Hidden text: a password hash. A value that is not text, which SQLite accepts in a text column, reads as empty: no
/// password matches it, and the rest of the row stays readable.
#[derive(Clone, PartialEq, Eq)]
pub struct HiddenText(pub String);

impl sea_orm::TryGetable for HiddenText {
    fn try_get_by<I: sea_orm::ColIdx>(row: &sea_orm::QueryResult, index: I) -> Result<Self, sea_orm::TryGetError> {
        Ok(Self(<String as sea_orm::TryGetable>::try_get_by(row, index).unwrap_or_default()))
    }
}

impl From<HiddenText> for sea_orm::Value {
    fn from(text: HiddenText) -> Self {
        text.0.into()
    }
}

impl sea_orm::sea_query::ValueType for HiddenText {
    fn try_from(value: sea_orm::Value) -> Result<Self, sea_orm::sea_query::ValueTypeErr> {
        <String as sea_orm::sea_query::ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        <String as sea_orm::sea_query::ValueType>::type_name()
    }

    fn array_type() -> sea_orm::sea_query::ArrayType {
        <String as sea_orm::sea_query::ValueType>::array_type()
    }

    fn column_type() -> sea_orm::sea_query::ColumnType {
        <String as sea_orm::sea_query::ValueType>::column_type()
    }
}

impl sea_orm::sea_query::Nullable for HiddenText {
    fn null() -> sea_orm::Value {
        <String as sea_orm::sea_query::Nullable>::null()
    }
}

impl sea_orm::IntoActiveValue<Self> for HiddenText {
    fn into_active_value(self) -> sea_orm::ActiveValue<Self> {
        sea_orm::ActiveValue::Set(self)
    }
}

/// Hidden bytes: keys, and hashes of tokens.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct HiddenBytes(pub Vec<u8>);

impl fmt::Debug for HiddenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenText(…)")
    }
}

impl fmt::Debug for HiddenBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenBytes(…)")
    }
}
