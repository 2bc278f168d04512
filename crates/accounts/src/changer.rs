//! Who changes a user: a caller of the API, or the operator on the command line. The operator has the database, so only changes that
//! would break it are refused.

use std::fmt;

use super::error::Error;
use fieldguard_domain::{audit::Actor, id::UserId, permission::ROLES_ASSIGN, principal::Principal, role::Role};

/// Who makes a change.
#[derive(Debug, Clone, Copy)]
pub(super) enum Changer<'a> {
    /// A signed-in caller.
    Caller(&'a Principal),
    /// The operator of the server.
    Operator,
}

impl Changer<'_> {
    /// Whether it can change a user with these roles.
    pub(super) fn may_change(self, roles: &[Role]) -> bool {
        match self {
            Self::Caller(caller) => caller.may_change(roles),
            Self::Operator => true,
        }
    }

    /// Whether it uses a personal access token of `user`. Such a token can't change its owner, whatever its permissions.
    pub(super) fn is_token_of(self, user: UserId) -> bool {
        match self {
            Self::Caller(caller) => caller.is(user) && caller.session().is_none(),
            Self::Operator => false,
        }
    }

    /// Whether it is `user`.
    pub(super) fn is_owner_of(self, user: UserId) -> bool {
        matches!(self, Self::Caller(caller) if caller.is(user))
    }

    /// Whether it has every permission that these roles give.
    pub(super) fn has_permissions_of(self, roles: &[Role]) -> bool {
        match self {
            Self::Caller(caller) => caller.has_permissions_of(roles),
            Self::Operator => true,
        }
    }

    /// Whether it can give roles to users.
    pub(super) fn may_assign_roles(self) -> bool {
        match self {
            Self::Caller(caller) => caller.can(ROLES_ASSIGN),
            Self::Operator => true,
        }
    }

    /// The actor in the audit log.
    pub(super) fn actor(self) -> Actor {
        match self {
            Self::Caller(caller) => Actor::caller(caller),
            Self::Operator => Actor::Operator,
        }
    }

    /// Refuses a caller whose session is not fresh. An open session or a personal access token must not suffice to raise rights or
    /// take over an account.
    pub(super) const fn require_fresh(self) -> Result<(), Error> {
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

/// The name in the log.
impl fmt::Display for Changer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller(caller) => caller.user().fmt(f),
            Self::Operator => f.write_str("operator"),
        }
    }
}
