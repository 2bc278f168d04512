//! What a use case can refuse or fail at. How a client hears it is [`crate::graphql::error`].

use std::sync::Arc;

use crate::{auth::hasher::HashError, domain::invalid::Invalid, store};

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value breaks a rule of the domain.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The value in this field belongs to another account, or to another role.
    #[error("the {0} is taken")]
    Taken(&'static str),
    /// It would leave nobody who can administer the server.
    #[error("the last enabled administrator stays")]
    LastAdministrator,
    /// The account or the role is protected, and the caller does not hold as much.
    #[error("it is protected from the caller")]
    Protected,
    /// The caller would give, or take back, more than he holds himself.
    #[error("the caller does not hold as much")]
    BeyondOwn,
    /// The caller lost rights while the change was on its way.
    #[error("the caller does not have the rights any more that he came with")]
    RightsChanged,
    /// The role is part of the server and stays as it is.
    #[error("the role is built in")]
    BuiltIn,
    /// The time in which the account could have been restored is over.
    #[error("it is too late to restore the account")]
    TooLateToRestore,
    /// One of several things that were asked for together was refused, and so none was done.
    #[error("`{field}`: {error}")]
    Item {
        /// Which one, as the path of the value in the input: `userIds.3`.
        field: String,
        /// Why.
        error: Box<Error>,
    },
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
    /// It takes a fresh session, see [`reauthenticate`](super::reauthenticate).
    #[error("the session is not fresh")]
    NotFresh,
    /// It concerns the session the caller came by, and he came by a personal access token.
    #[error("a personal access token has no session")]
    NoSession,
    /// The account has as many personal access tokens as it may.
    #[error("the account has as many tokens as it may")]
    TooManyTokens,
    /// There is no such personal access token, or it is not the caller's to see.
    #[error("there is no such token")]
    UnknownToken,
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
    /// More is asked of the database than it gets done. It was not done, and may be asked again.
    #[error("the database is too busy")]
    Overloaded(#[source] Arc<store::Error>),
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
            busy @ store::Error::Busy(_) => Self::Overloaded(Arc::new(busy)),
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
