//! What a use case can refuse or fail at. How a client hears it is [`crate::graphql::error`].

use crate::{auth::hasher::HashError, domain::invalid::Invalid, store};

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value breaks a rule of the domain.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The value in this field belongs to another account.
    #[error("the {0} is taken")]
    Taken(&'static str),
    /// It would leave nobody who can administer the server.
    #[error("the last enabled administrator stays")]
    LastAdministrator,
    /// The caller may change accounts, but not this one or not so.
    #[error("only an administrator changes who is one")]
    AdministratorsOnly,
    /// There is no such thing; the field names the input that addressed it.
    #[error("nothing has this {0}")]
    NotFound(&'static str),
    /// The name or the password is wrong, or the account may not sign in; the caller must not learn which.
    #[error("name or password is wrong")]
    InvalidCredentials,
    /// The refresh token is unknown, used, expired or revoked.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken,
    /// The code resets nothing: it never was one, was used or replaced, or is too old; or its account is disabled.
    #[error("the code resets no password")]
    InvalidResetCode,
    /// The caller would gain by resetting the password: permissions he lacks, or his own password without knowing it.
    #[error("the caller may not reset this password")]
    NotToReset,
    /// Accounts are made by administrators only.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The token proves nothing.
    #[error("the access token is not valid")]
    InvalidToken,
    /// It is too early to try again.
    #[error("too many attempts; the next may be made in {seconds} s")]
    RateLimited {
        /// How long to wait, rounded up; at least 1.
        seconds: u32,
    },
    /// Too much is asked at once.
    #[error("the server is busy")]
    Busy,
    /// The database failed.
    #[error("the database failed")]
    Store(#[source] store::Error),
    /// What happened could not be written to the audit trail, so it must not be answered.
    #[error("the audit trail could not be written")]
    Unrecorded,
    /// The hashing threads are gone.
    #[error("passwords cannot be hashed")]
    Hashing,
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Taken { field } => Self::Taken(field),
            other => Self::Store(other),
        }
    }
}

impl From<HashError> for Error {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::Stopped => Self::Hashing,
        }
    }
}
