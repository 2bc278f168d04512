//! `AccessDecision`: a caller's access to a field.

use async_graphql::Enum;
use fieldguard_guard::access::Access;

/// A caller's access to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccessDecision {
    /// The caller can read the field of every object.
    Allowed,
    /// The caller can read the field of no object.
    Denied,
    /// The caller can read the field of objects they own only.
    Depends,
}

impl From<Access> for AccessDecision {
    fn from(access: Access) -> Self {
        match access {
            Access::Allowed => Self::Allowed,
            Access::Denied => Self::Denied,
            Access::Own => Self::Depends,
        }
    }
}
