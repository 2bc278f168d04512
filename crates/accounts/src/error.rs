//! What a use case can refuse or fail at. How a client hears it is `fieldguard::graphql::error`.

use std::sync::Arc;

use fieldguard_auth::hasher::HashError;
use fieldguard_domain::invalid::{Invalid, Problems};
use fieldguard_store as store;

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Values break rules of the domain.
    #[error(transparent)]
    Invalid(#[from] Problems),
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
    /// The caller would let in, or let guess again, who has permissions that the caller lacks.
    #[error("the caller may not open this account")]
    NotToReopen,
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
    /// The queue for password hashing is full.
    #[error("the queue for password hashing is full")]
    Busy,
    /// The database is too busy or cannot work. Nothing was done, and the same request may succeed later.
    #[error("the database cannot be used")]
    Unavailable(#[source] Arc<store::Error>),
    /// The database did not confirm a change, which may have been made.
    #[error("a change may have been made")]
    Uncertain(#[source] Arc<store::Error>),
    /// The database failed in a way that waiting does not end.
    #[error("the database failed")]
    Store(#[source] store::Error),
    /// What a request did cannot be written to the audit log, so its answer must not leave.
    #[error("the audit log cannot be written")]
    Unrecorded(#[source] Option<Arc<store::Error>>),
    /// The hashing threads are gone.
    #[error("passwords cannot be hashed")]
    Hashing,
}

impl Error {
    /// Whether the service cannot do what was asked for now, so that the caller may try again later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable(_) | Self::Uncertain(_) | Self::Unrecorded(_))
    }

    /// Whether the cause is load that passes, as opposed to a database that needs an operator.
    #[must_use]
    pub fn is_overload(&self) -> bool {
        match self {
            Self::Busy => true,
            Self::Unavailable(cause) | Self::Unrecorded(Some(cause)) => matches!(**cause, store::Error::Busy(_)),
            _ => false,
        }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid.into())
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        use store::Error as E;
        match error {
            E::Taken { field } => Self::Taken(field),
            E::Busy(_) | E::Unavailable(_) => Self::Unavailable(Arc::new(error)),
            E::Uncertain(_) => Self::Uncertain(Arc::new(error)),
            E::Newer | E::Missing | E::Url(_) | E::File(_) | E::Database(_) => Self::Store(error),
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
