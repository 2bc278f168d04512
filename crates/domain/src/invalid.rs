//! Why values were refused: a reason that programs act on, and words for the person who typed them. Not for refusals of access:
//! see [`super::rule`].

use std::{borrow::Cow, fmt};

/// A value that breaks a rule of the domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// The input field that holds the value, as the API spells it (`username`, `email`, `password`).
    pub field: Cow<'static, str>,
    /// Which rule it breaks.
    pub reason: Reason,
    /// One sentence that says what to change. It never repeats the value.
    pub message: String,
}

impl Invalid {
    /// A refusal of the value in `field`, with a whole sentence.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, reason: Reason, message: impl Into<String>) -> Self {
        Self { field: field.into(), reason, message: message.into() }
    }

    /// The same of the value in another field.
    #[must_use]
    pub fn at(self, field: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), ..self }
    }
}

/// Which rule a value breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Too few characters.
    TooShort,
    /// Too many characters or bytes.
    TooLong,
    /// Too many values in a list, or more things than there can be.
    TooMany,
    /// A number or a time that is not in the range.
    OutOfRange,
    /// A character that does not fit.
    InvalidCharacter,
    /// Letters of several scripts.
    MixedScripts,
    /// Not of the form that such values have.
    InvalidFormat,
    /// No email address.
    InvalidEmail,
    /// No cursor of this list.
    InvalidCursor,
    /// Not of the type that the schema says.
    InvalidType,
    /// A value that people cannot choose.
    Reserved,
    /// A password that many people choose.
    TooCommon,
    /// A password that follows a pattern.
    TooPredictable,
    /// A password made of the user name, the email address or the name of the service.
    ContainsUsername,
    /// Another account or role has it.
    Taken,
    /// There is nothing of that name.
    Unknown,
    /// The caller or the account does not have it.
    NotHeld,
    /// A role that would include itself.
    Circular,
    /// A password hash that the server does not verify.
    UnsupportedHash,
    /// It does not go together with another value.
    Conflicting,
    /// The page is of another site.
    CrossSite,
}

/// The values of one input that break rules, in the order of the input: one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    first: Invalid,
    others: Vec<Invalid>,
}

impl Problems {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Invalid> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// These and others after them.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.others.push(others.first);
        self.others.extend(others.others);
        self
    }

    /// The same, each with its field named by `rename`.
    #[must_use]
    pub fn at(self, rename: impl Fn(&str) -> String) -> Self {
        let renamed = |invalid: Invalid| {
            let field = rename(&invalid.field);
            invalid.at(field)
        };
        Self { first: renamed(self.first), others: self.others.into_iter().map(renamed).collect() }
    }

    /// The first of them.
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

/// Both values, or everything that is wrong with either: a person hears at once of all that is to be changed. What is judged
/// late, such as the strength of a password, joins what was judged before in the same way.
///
/// # Errors
///
/// The problems of both, in this order.
///
/// ```
/// use fieldguard_domain::{email::EmailAddress, invalid::both, username::Username};
///
/// let problems = both(Username::parse("a"), EmailAddress::parse("b")).unwrap_err();
/// assert_eq!(problems.iter().map(|it| &*it.field).collect::<Vec<_>>(), ["username", "email"]);
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

/// All values, or everything that is wrong with any of them.
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
