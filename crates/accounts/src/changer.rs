//! Who changes an account that may be another's: somebody who calls the API, or the operator at the command line, who holds
//! the database itself and so is refused nothing but what would break it.

use std::fmt;

use super::error::Error;
use fieldguard_domain::{audit::Actor, id::UserId, principal::Principal, role::Role};

/// Who makes a change.
#[derive(Debug, Clone, Copy)]
pub(super) enum Changer<'a> {
    /// Somebody who is signed in.
    Caller(&'a Principal),
    /// Whoever runs the server, from its command line.
    Operator,
}

impl Changer<'_> {
    /// May it change an account that holds these roles?
    pub(super) fn may_touch(self, roles: &[Role]) -> bool {
        match self {
            Self::Caller(caller) => caller.may_touch(roles),
            Self::Operator => true,
        }
    }

    /// Does it come to the account `user` by a personal access token of that account? Such a token changes nothing of it,
    /// whatever its owner may do to accounts.
    pub(super) fn is_token_of(self, user: UserId) -> bool {
        match self {
            Self::Caller(caller) => caller.is(user) && caller.session().is_none(),
            Self::Operator => false,
        }
    }

    /// Is it the owner of the account `user`?
    pub(super) fn is_owner_of(self, user: UserId) -> bool {
        matches!(self, Self::Caller(caller) if caller.is(user))
    }

    /// Does it hold as much as whoever holds these roles?
    pub(super) fn holds_as_much_as(self, roles: &[Role]) -> bool {
        match self {
            Self::Caller(caller) => caller.holds_as_much_as(roles),
            Self::Operator => true,
        }
    }

    /// As the audit trail names it.
    pub(super) fn actor(self) -> Actor {
        match self {
            Self::Caller(caller) => Actor::caller(caller),
            Self::Operator => Actor::Operator,
        }
    }

    /// Refuses a caller who did not give the password a short while ago: what raises rights or takes over an account must not
    /// be done by whoever comes by an open session or a personal access token.
    pub(super) const fn prove_fresh(self) -> Result<(), Error> {
        match self {
            Self::Caller(caller) if caller.session().is_none() => Err(Error::NoSession),
            Self::Caller(caller) if !caller.is_fresh() => Err(Error::NotFresh),
            Self::Caller(_) | Self::Operator => Ok(()),
        }
    }
}

impl<'a> From<&'a Principal> for Changer<'a> {
    fn from(caller: &'a Principal) -> Self {
        Self::Caller(caller)
    }
}

/// As the log names it.
impl fmt::Display for Changer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller(caller) => caller.user().fmt(f),
            Self::Operator => f.write_str("operator"),
        }
    }
}
