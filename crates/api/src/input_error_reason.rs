//! `InputErrorReason`: which rule a value breaks.

use async_graphql::resolver_utils::EnumType as _;
use async_graphql::{Enum, Value};
use fieldguard_domain::invalid::Reason;

/// Which rule a value breaks, in `extensions.reason` and in each of `extensions.problems` of an error with the code `BAD_USER_INPUT` or `CONFLICT`. Translate these instead of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Reason")]
pub enum InputErrorReason {
    /// The value has too few characters.
    TooShort,
    /// The value has too many characters or bytes.
    TooLong,
    /// The list has too many values, or there are as many things of this kind as there can be.
    TooMany,
    /// The number or the time is not in the range.
    OutOfRange,
    /// The value has a character that is not allowed here.
    InvalidCharacter,
    /// The user name mixes letters of several scripts, which look alike.
    MixedScripts,
    /// The value does not have the form of such values.
    InvalidFormat,
    /// The value is not an email address.
    InvalidEmail,
    /// The value is not a cursor of this list.
    InvalidCursor,
    /// The value does not have the type that the schema says.
    InvalidType,
    /// You can't choose this value: it is reserved.
    Reserved,
    /// The password is one that many people choose.
    TooCommon,
    /// The password follows a pattern that is soon guessed.
    TooPredictable,
    /// The password is little more than the user name, the email address or the name of the service.
    ContainsUsername,
    /// Another account or role has this value.
    Taken,
    /// Nothing has this name.
    Unknown,
    /// You, or the account, don't have what the value names.
    NotHeld,
    /// The role would include itself.
    Circular,
    /// The server can't verify a password hash of this form or cost.
    UnsupportedHash,
    /// The value does not go together with another one.
    Conflicting,
    /// The page that sent the request is of another site than the server.
    CrossSite,
}

impl InputErrorReason {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Self::items().iter().map(|item| item.value).collect()
    }
}

/// As `extensions.reason` spells it.
#[must_use]
pub fn spelled(reason: Reason) -> Value {
    async_graphql::resolver_utils::enum_value(InputErrorReason::from(reason))
}
