//! Several accounts in one change: all of them or none, each once, in an order that every such change keeps to, so that no
//! two of them wait for each other. What is done to each is the use case's business.

use super::error::Error;
use fieldguard_domain::{
    id::UserId,
    invalid::{Invalid, Reason},
    user::User,
};

/// How many accounts one change takes at the most: the transaction keeps other administrators waiting.
pub const AT_MOST: usize = 100;

/// One of the accounts that were named.
pub(super) struct Target {
    pub(super) user: UserId,
    place: usize,
}

impl Target {
    /// The error as one about this account, where it is not about the server.
    pub(super) fn blame(&self, error: Error) -> Error {
        error.at(format!("userIds.{}", self.place))
    }
}

impl Error {
    /// The same error about the value in `field`, a path in the input; a failure of the server is about no value.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> Self {
        match self {
            Self::Store(_) | Self::Hashing | Self::RateLimited { .. } => self,
            temporary if temporary.is_temporary() => temporary,
            refused => Self::Item { field: field.into(), error: Box::new(refused) },
        }
    }
}

/// The accounts named, each once, by identifier.
///
/// # Errors
///
/// [`Error::Invalid`] where there are too many.
pub(super) fn targets(users: &[UserId]) -> Result<Vec<Target>, Error> {
    bounded("userIds", users.len())?;
    let mut targets: Vec<_> = users.iter().enumerate().map(|(place, user)| Target { user: *user, place }).collect();
    // Stable, so that of two the first is kept.
    targets.sort_by_key(|it| it.user);
    targets.dedup_by_key(|it| it.user);
    Ok(targets)
}

/// Refuses more than [`AT_MOST`].
pub(super) fn bounded(field: &'static str, count: usize) -> Result<(), Error> {
    if count > AT_MOST {
        return Err(
            Invalid::new(field, Reason::TooMany, format!("At most {AT_MOST} accounts are taken at once.")).into()
        );
    }
    Ok(())
}

/// The accounts in the order in which they were named.
pub(super) fn as_named(named: &[UserId], mut changed: Vec<User>) -> Vec<User> {
    changed.sort_by_key(|user| named.iter().position(|it| *it == user.id));
    changed
}
