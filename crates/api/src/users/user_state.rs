//! `UserState`: whether an account can sign in.

use async_graphql::Enum;
use fieldguard_domain as domain;

/// Whether an account can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::user::UserState")]
pub enum UserState {
    /// The account can sign in.
    Active,
    /// An administrator has disabled the account: it cannot sign in, and its sessions have ended.
    Disabled,
    /// An administrator has deleted the account: it cannot sign in, and is gone for good at `deletionDueAt`, unless it is restored before.
    DeletionScheduled,
}
