//! `InputErrorReason`: which rule a value breaks.

use async_graphql::resolver_utils::EnumType as _;
use async_graphql::{Enum, Value};
use fieldguard_domain::invalid::Reason;

/// Why a value is refused: `extensions.reason`, and `reason` in each of `extensions.problems`, of errors with the code `BAD_USER_INPUT` or `CONFLICT`. Translate these values instead of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Reason")]
pub enum InputErrorReason {
    /// The value has too few characters.
    TooShort,
    /// The value has too many characters or bytes.
    TooLong,
    /// The list has too many entries, or the maximum number of objects exists already.
    TooMany,
    /// The number or time is out of range.
    OutOfRange,
    /// The value contains a character that is not allowed.
    InvalidCharacter,
    /// The username mixes letters of several scripts, which can look alike.
    MixedScripts,
    /// The value has the wrong format.
    InvalidFormat,
    /// The value is not an email address.
    InvalidEmail,
    /// The value is not a cursor of this list.
    InvalidCursor,
    /// The value has the wrong type.
    InvalidType,
    /// The value is reserved.
    Reserved,
    /// The password is a common one.
    TooCommon,
    /// The password follows a pattern that is easy to guess.
    TooPredictable,
    /// The password consists mostly of the username, the email address or the name of the service.
    ContainsUsername,
    /// Another user or role has this value.
    Taken,
    /// No object has this name.
    Unknown,
    /// You, or the user, don't have the named role or permission.
    NotHeld,
    /// The role would include itself.
    Circular,
    /// The server can't verify a password hash of this format or cost.
    UnsupportedHash,
    /// The value can't be combined with another one.
    Conflicting,
    /// The page that sent the request is on another site than the server.
    CrossSite,
    /// The value needs a server that is reached over TLS.
    TlsRequired,
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
