//! Why values are refused: a reason for programs and a message for the user who typed them. Denied access is not an
//! invalid value: see [`super::rule`].

use std::{borrow::Cow, fmt};

/// A value that breaks a rule of the domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// The input field that holds the value, as the API spells it (`username`, `email`, `password`).
    pub field: Cow<'static, str>,
    /// The rule it breaks.
    pub reason: Reason,
    /// One sentence that says what to change. It never repeats the value.
    pub message: String,
}

impl Invalid {
    /// An invalid value in `field`, with a full sentence.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, reason: Reason, message: impl Into<String>) -> Self {
        Self { field: field.into(), reason, message: message.into() }
    }

    /// The same problem in another field.
    #[must_use]
    pub fn at(self, field: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), ..self }
    }
}

/// The rule that a value breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Too few characters.
    TooShort,
    /// Too many characters or bytes.
    TooLong,
    /// Too many values in a list, or more objects than the limit allows.
    TooMany,
    /// A number or time outside the range.
    OutOfRange,
    /// A character that is not allowed.
    InvalidCharacter,
    /// Letters of several scripts.
    MixedScripts,
    /// Not in the required format.
    InvalidFormat,
    /// Not an email address.
    InvalidEmail,
    /// Not a cursor of this list.
    InvalidCursor,
    /// Not of the type in the schema.
    InvalidType,
    /// A value that users cannot choose.
    Reserved,
    /// A password that many users choose.
    TooCommon,
    /// A password that follows a pattern.
    TooPredictable,
    /// A password made of the username, the email address or the name of the service.
    ContainsUsername,
    /// Another user or role has the value.
    Taken,
    /// Nothing has this name.
    Unknown,
    /// The caller or the user does not have it.
    NotHeld,
    /// A role that would include itself.
    Circular,
    /// A password hash that the server does not verify.
    UnsupportedHash,
    /// It conflicts with another value.
    Conflicting,
    /// The request comes from a page of another site.
    CrossSite,
    /// The value needs a server that is reached over TLS.
    TlsRequired,
}

/// All invalid values of one input, in the order of the input; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    first: Invalid,
    others: Vec<Invalid>,
}

impl Problems {
    /// All problems.
    pub fn iter(&self) -> impl Iterator<Item = &Invalid> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// These problems, followed by `others`.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.others.push(others.first);
        self.others.extend(others.others);
        self
    }

    /// The same problems, with fields renamed by `rename`.
    #[must_use]
    pub fn at(self, rename: impl Fn(&str) -> String) -> Self {
        let renamed = |invalid: Invalid| {
            let field = rename(&invalid.field);
            invalid.at(field)
        };
        Self { first: renamed(self.first), others: self.others.into_iter().map(renamed).collect() }
    }

    /// The first problem.
    #[must_use]
    pub const fn first(&self) -> &Invalid {
        &self.first
    }
}

impl From<Invalid> for Problems {
    fn from(first: Invalid) -> Self {
        Self { first, others: Vec::new() }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<_> = self.iter().map(|invalid| invalid.message.as_str()).collect();
        f.write_str(&messages.join(" "))
    }
}

impl std::error::Error for Problems {}

/// Both values, or the problems of both, so that a user learns at once everything to change. Checks that run late, such
/// as password strength, are combined the same way.
///
/// # Errors
///
/// The problems of both, in this order.
///
/// ```
/// use fieldguard_domain::{email::EmailAddress, invalid::both, username::Username};
///
/// let problems = both(Username::parse("a"), EmailAddress::parse("b")).unwrap_err();
/// assert_eq!(problems.iter().map(|problem| &*problem.field).collect::<Vec<_>>(), ["username", "email"]);
/// ```
pub fn both<A, B>(
    one: Result<A, impl Into<Problems>>,
    other: Result<B, impl Into<Problems>>,
) -> Result<(A, B), Problems> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(problems), Ok(_)) => Err(problems.into()),
        (Ok(_), Err(problems)) => Err(problems.into()),
        (Err(problems), Err(others)) => Err(problems.into().and(others.into())),
    }
}

/// All values, or the problems of all.
///
/// # Errors
///
/// The problems of all, in their order.
pub fn every<T>(values: impl Iterator<Item = Result<T, Problems>>) -> Result<Vec<T>, Problems> {
    let mut all = Ok(Vec::new());
    for value in values {
        all = both(all, value).map(|(mut all, value)| {
            all.push(value);
            all
        });
    }
    all
}
