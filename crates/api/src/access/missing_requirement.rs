//! `MissingRequirement`: what a rule requires and the caller doesn't have.

use async_graphql::SimpleObject;
use fieldguard_domain::missing::Missing;
use fieldguard_guard::guarded;

use crate::access::access_reason::AccessReason;

/// Something that a rule requires and the caller doesn't have.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct MissingRequirement {
    /// What is missing.
    reason: AccessReason,
    /// The name of the missing role.
    role: Option<String>,
    /// The name of the missing permission.
    permission: Option<String>,
}

impl From<&Missing> for MissingRequirement {
    fn from(missing: &Missing) -> Self {
        let (role, permission) = match missing {
            Missing::Role(name) => (Some((*name).to_owned()), None),
            Missing::Permission(permission) => (None, Some(permission.name().to_owned())),
            _ => (None, None),
        };
        Self { reason: (*missing).into(), role, permission }
    }
}
