//! `UserState`: whether a user can sign in.

use async_graphql::Enum;
use fieldguard_domain as domain;

/// Whether a user can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::user::UserState")]
pub enum UserState {
    /// The user can sign in.
    Active,
    /// An administrator disabled the user: they can't sign in, and their sessions were revoked.
    Disabled,
    /// The user was deleted: they can't sign in, and are deleted for good at `deletionScheduledAt` unless restored.
    DeletionScheduled,
}
