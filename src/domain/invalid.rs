//! Why a value was refused, in words for the person who typed it. Not for refusals of access: see [`super::rule`].

/// A value that breaks a rule of the domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Invalid {
    /// The input field that holds the value, as the API spells it (`username`, `email`, `password`).
    pub field: &'static str,
    /// One sentence that says what to change. It never repeats the value.
    pub reason: String,
}

impl Invalid {
    /// A refusal of the value in `field`, for the reason given as a whole sentence.
    #[must_use]
    pub fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}
