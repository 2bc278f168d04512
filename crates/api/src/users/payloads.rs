//! What mutations of users answer.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use crate::users::user::User;

/// Payload of `createUser`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct CreateUserPayload {
    /// The created user.
    pub(crate) user: User,
    /// The code with which the user sets their first password by `resetPassword`. It is shown only once: pass it to the user and to no one else.
    pub(crate) code: String,
    /// When the code expires. `issuePasswordReset` issues a new one.
    pub(crate) expires_at: DateTime<Utc>,
}

/// Payload of `updateUser`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UpdateUserPayload {
    /// The updated user.
    pub(crate) user: User,
}

/// Payload of `unlockUser`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UnlockUserPayload {
    /// The unlocked user.
    pub(crate) user: User,
}

/// Payload of `disableUser`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DisableUserPayload {
    /// The disabled user.
    pub(crate) user: User,
    /// When the change takes effect on every replica: requests of the user that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the user were revoked.
    pub(crate) sessions_revoked: u64,
}

/// Payload of `disableUsers`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DisableUsersPayload {
    /// The disabled users, in the order of the input, without duplicates.
    pub(crate) users: Vec<User>,
    /// When the change takes effect on every replica: requests of the users that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the users were revoked.
    pub(crate) sessions_revoked: u64,
}

/// Payload of `enableUser`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct EnableUserPayload {
    /// The enabled user.
    pub(crate) user: User,
    /// When the change takes effect on every replica: the user can sign in from then on.
    pub(crate) effective_at: DateTime<Utc>,
}

/// Payload of `enableUsers`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct EnableUsersPayload {
    /// The enabled users, in the order of the input, without duplicates.
    pub(crate) users: Vec<User>,
    /// When the change takes effect on every replica: the users can sign in from then on.
    pub(crate) effective_at: DateTime<Utc>,
}

/// Payload of `setUserRoles`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct SetUserRolesPayload {
    /// The user, with the new roles.
    pub(crate) user: User,
    /// When the change takes effect on every replica: requests of the user that start later have the new permissions.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions of the user have new permissions.
    pub(crate) sessions_affected: u64,
}

/// Payload of `setUsersRoles`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct SetUsersRolesPayload {
    /// The users, with the new roles, in the order of the input, without duplicates.
    pub(crate) users: Vec<User>,
    /// When the change takes effect on every replica: requests of the users that start later have the new permissions.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions of the users have new permissions.
    pub(crate) sessions_affected: u64,
}

/// Payload of `deleteUser`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DeleteUserPayload {
    /// The user, with the date of the deletion.
    pub(crate) user: User,
    /// When the change takes effect on every replica: requests of the user that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the user were revoked.
    pub(crate) sessions_revoked: u64,
}

/// Payload of `deleteUsers`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DeleteUsersPayload {
    /// The users, with the date of the deletion, in the order of the input, without duplicates.
    pub(crate) users: Vec<User>,
    /// When the change takes effect on every replica: requests of the users that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the users were revoked.
    pub(crate) sessions_revoked: u64,
}

/// Payload of `restoreUser`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RestoreUserPayload {
    /// The restored user.
    pub(crate) user: User,
    /// When the change takes effect on every replica: the user can sign in from then on, unless they are disabled.
    pub(crate) effective_at: DateTime<Utc>,
}

/// Payload of `restoreUsers`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RestoreUsersPayload {
    /// The restored users, in the order of the input, without duplicates.
    pub(crate) users: Vec<User>,
    /// When the change takes effect on every replica: the users can sign in from then on, unless they are disabled.
    pub(crate) effective_at: DateTime<Utc>,
}

/// Payload of `revokeUserSessions`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RevokeUserSessionsPayload {
    /// The user whose sessions were revoked.
    pub(crate) user: User,
    /// When the change takes effect on every replica: requests in these sessions that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the user were revoked.
    pub(crate) sessions_revoked: u64,
}

/// Payload of `issuePasswordReset`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct IssuePasswordResetPayload {
    /// The code for `resetPassword`. It is shown only once: pass it to the account owner and to no one else.
    pub(crate) code: String,
    /// When the code expires.
    pub(crate) expires_at: DateTime<Utc>,
    /// The user whose password the code resets.
    pub(crate) user: User,
    /// How many sessions of the user were revoked.
    pub(crate) sessions_revoked: u64,
    /// When the change takes effect on every replica: the old password and the old sessions no longer work.
    pub(crate) effective_at: DateTime<Utc>,
}

/// Payload of `importUsers`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ImportUsersPayload {
    /// The imported users, in the order of the input.
    pub(crate) users: Vec<User>,
    /// The positions in the input, from 0, of the users that `onConflict: SKIP` left out.
    pub(crate) skipped: Vec<usize>,
}
