//! What mutations of this topic answer.

use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::users::user::User;

/// The account whose password was changed.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ChangePasswordPayload {
    /// The account, as it is now.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) user: User,
    /// How many other sessions of the account ended.
    pub(crate) sessions_ended: u64,
    /// From when on no request of these sessions is answered any more, and the old password is good for nothing.
    pub(crate) effective_at: DateTime<Utc>,
}

/// The account that is gone.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DeleteAccountPayload {
    /// The `id` the account had. It is never given again.
    pub(crate) user_id: ID,
    /// From when on no request of the account is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the account ended with it.
    pub(crate) sessions_ended: u64,
}

/// The account whose password was reset.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ResetPasswordPayload {
    /// The account, with what everyone may see of it, such as the name to sign in with. The rest is there after signing in.
    pub(crate) user: User,
}

/// The account that was changed.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UpdateProfilePayload {
    /// The account, as it is now.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) user: User,
}
