//! What mutations of a user's own account answer.

use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::users::user::User;

/// Payload of `updateProfile`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UpdateProfilePayload {
    /// The updated user.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) user: User,
}

/// Payload of `updatePassword`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UpdatePasswordPayload {
    /// The user whose password was updated.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) user: User,
    /// How many other sessions of the user were revoked.
    pub(crate) sessions_revoked: u64,
    /// When the change takes effect on every replica: the old password and the other sessions no longer work.
    pub(crate) effective_at: DateTime<Utc>,
}

/// Payload of `resetPassword`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ResetPasswordPayload {
    /// The user whose password was reset. You can read what everyone can read, such as the username; sign in for the rest.
    pub(crate) user: User,
}

/// Payload of `deleteAccount`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DeleteAccountPayload {
    /// The `id` of the deleted user. It is never used again.
    pub(crate) user_id: ID,
    /// When the change takes effect on every replica: requests of the user that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the user were revoked.
    pub(crate) sessions_revoked: u64,
}
