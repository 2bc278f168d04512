//! Column types whose values `Debug` does not show: entities derive it, and what one prints ends up in a log one day.

use std::fmt;

use sea_orm::DeriveValueType;

/// Text that is not shown: a password hash.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct HiddenText(pub String);

/// Bytes that are not shown: keys, and hashes of tokens.
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
