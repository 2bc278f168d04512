//! The errors of use cases. `fieldguard_api::error` maps them to GraphQL errors.

use std::sync::Arc;

use super::encryption::KeyError;
use fieldguard_auth::hasher::HashError;
use fieldguard_domain::invalid::{Invalid, Problems};
use fieldguard_store as store;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Input values break rules of the domain.
    #[error(transparent)]
    Invalid(#[from] Problems),
    /// The value of this field belongs to another account or role.
    #[error("the {0} is already taken; choose another one")]
    Taken(&'static str),
    /// The change would leave no enabled administrator.
    #[error("this is the last enabled administrator; make another account an administrator first")]
    LastAdministrator,
    /// The account or the role is protected, and the caller lacks some of its permissions.
    #[error("this is protected; to change it you need every permission it has")]
    Protected,
    /// The caller would grant or revoke permissions that they don't have.
    #[error("you can't grant or revoke permissions you don't have")]
    BeyondOwn,
    /// The caller lost permissions while the change was in progress.
    #[error("your permissions changed during the request; check them and try again")]
    RightsChanged,
    /// The role is built in and cannot be changed.
    #[error("built-in roles can't be changed")]
    BuiltIn,
    /// The time to restore the account is over.
    #[error("the time to restore this account is over")]
    TooLateToRestore,
    /// One item of a batch was refused, so nothing was done.
    #[error("`{field}`: {error}")]
    Item {
        /// The path of the item in the input: `userIds.3`.
        field: String,
        /// The reason.
        error: Box<Error>,
    },
    /// No such object exists. The field names the input that addressed it.
    #[error("no object has this {0}")]
    NotFound(&'static str),
    /// The name or the password is wrong, or the account may not sign in. The caller must not learn which.
    #[error("the name or the password is wrong")]
    InvalidCredentials,
    /// The code of the second factor is wrong or was used.
    #[error("the code is wrong, or was used before")]
    InvalidCode,
    /// The sign-in challenge is unknown, used, expired or void, so the sign-in must begin again.
    #[error("the sign-in challenge is no longer valid")]
    InvalidChallenge,
    /// The account has no second factor.
    #[error("the account has no second factor")]
    NoSecondFactor,
    /// The account has a second factor already.
    #[error("the account has a second factor already; remove it first")]
    HasSecondFactor,
    /// The session began without a second factor that the account has or a role requires.
    #[error("this requires a session with a second factor; sign in again")]
    OneFactor,
    /// The caller would gain from the reset of the second factor: permissions they lack, or their own account without
    /// the factor.
    #[error("you can't reset this second factor: it is your own, or the account has permissions you don't have")]
    SecondFactorNotToReset,
    /// There is no key that encrypts secrets in the database.
    #[error("there is no encryption key; set `encryption.key`")]
    NoEncryptionKey,
    /// The key that encrypts secrets in the database can't be used.
    #[error("the encryption key cannot be used")]
    Encryption(#[from] KeyError),
    /// The role is named in the configuration.
    #[error("the role is named in `sign_in.require_second_factor_for`; change the configuration first")]
    ConfiguredRole,
    /// The refresh token is unknown, used, expired or revoked.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken,
    /// The password reset code is unknown, used, replaced or expired, or its account is disabled.
    #[error("the password reset code is invalid or expired")]
    InvalidResetCode,
    /// The caller would gain from the password reset: permissions they lack, or their own password without knowing the
    /// old one.
    #[error("you can't reset this password: it is your own, or the account has permissions you don't have")]
    NotToReset,
    /// The caller would take over an account by an address that they vouch for: an account with permissions they lack, or
    /// their own without the password.
    #[error("you can't vouch for this address: it is your own, or the account has permissions you don't have")]
    NotToVouch,
    /// The code for an email address is unknown, used, replaced or expired, or belongs to another account or address.
    #[error("the code for the email address is invalid or expired")]
    InvalidEmailCode,
    /// The account has no email address.
    #[error("the account has no email address")]
    NoEmail,
    /// The server sends no mail.
    #[error("mail is not configured")]
    MailDisabled,
    /// The caller would enable, restore or unlock an account that has permissions the caller lacks.
    #[error("you can't enable, restore or unlock an account with permissions you don't have")]
    ReactivationDenied,
    /// The change requires a fresh session, see [`reauthenticate`](super::reauthenticate).
    #[error("this requires a recent sign-in; reauthenticate and try again")]
    NotFresh,
    /// The change requires a session, and the caller uses a personal access token.
    #[error("this requires a session, and a personal access token has none; sign in instead")]
    NoSession,
    /// The account has reached the limit of personal access tokens.
    #[error("the account has the maximum number of personal access tokens; revoke one first")]
    TooManyTokens,
    /// No such personal access token exists, or the caller may not see it.
    #[error("there is no such personal access token")]
    UnknownToken,
    /// Only administrators can create accounts.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The access token is invalid, expired or revoked.
    #[error("the access token is not valid")]
    InvalidToken,
    /// There were too many attempts.
    #[error("too many attempts; try again in {seconds} seconds")]
    RateLimited {
        /// How long to wait, rounded up. At least 1.
        seconds: u32,
    },
    /// The queue for password hashing is full.
    #[error("the queue for password hashing is full; try again later")]
    Busy,
    /// The database is overloaded or unavailable. Nothing was done. The same request may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] Arc<store::Error>),
    /// The database did not confirm a change. The change may have been made.
    #[error("the database did not confirm the change, which may have been made")]
    Uncertain(#[source] Arc<store::Error>),
    /// The database failed, and a retry does not help.
    #[error("the database failed")]
    Store(#[source] store::Error),
    /// The audit log cannot be written, so the response must not be sent.
    #[error("the audit log cannot be written")]
    Unrecorded(#[source] Option<Arc<store::Error>>),
    /// The hashing threads have stopped.
    #[error("passwords cannot be hashed")]
    Hashing,
}

impl Error {
    /// Whether the failure is temporary, so that the caller may try again later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable(_) | Self::Uncertain(_) | Self::Unrecorded(_))
    }

    /// Whether the cause is temporary load, as opposed to a database that needs an operator.
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
            E::Newer | E::Missing | E::Encoding(_) | E::TransactionPooler | E::Url(_) | E::File(_) | E::Database(_) => {
                Self::Store(error)
            }
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
