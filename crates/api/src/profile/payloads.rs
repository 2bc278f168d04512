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

/// Payload of `requestPasswordReset`. It is the same whether or not a mail is sent.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RequestPasswordResetPayload {
    /// For how many seconds the code in the mail is valid.
    pub(crate) code_valid_for: i64,
}

/// Payload of `requestEmailVerification`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RequestEmailVerificationPayload {
    /// The user whose address the mail goes to. If `emailVerified` is true, no mail is sent.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) user: User,
    /// For how many seconds the code in the mail is valid.
    pub(crate) code_valid_for: i64,
}

/// Payload of `verifyEmail`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct VerifyEmailPayload {
    /// The user whose email address is now verified.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) user: User,
}

/// Payload of `undoEmailChange`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UndoEmailChangePayload {
    /// The user whose email address was restored. You can read what everyone can read, such as the username.
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
