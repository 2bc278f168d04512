//! `AccessDecision`: whether one is let through.

use async_graphql::Enum;
use fieldguard_guard::access::Access;

/// Whether one is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccessDecision {
    /// One is, on every value.
    Allowed,
    /// One is not, on any value.
    Denied,
    /// It depends on whose the value is: one's own is let through, that of others is not.
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
