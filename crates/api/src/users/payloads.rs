//! What mutations of this topic answer.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use fieldguard_accounts::{create_user::CreatedUser, issue_password_reset::IssuedReset};
use fieldguard_guard::guarded;

use crate::users::user::User;

/// The account that was made, and a code to set its password with.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct CreateUserPayload {
    /// The account. It has no password that anyone knows.
    pub(crate) user: User,
    /// The code with which the person sets the first password, for `resetPassword`. It is shown this once: hand it to the person, and to no one else.
    pub(crate) code: String,
    /// Until when the code is good. `issuePasswordReset` makes another one.
    pub(crate) expires_at: DateTime<Utc>,
}

impl From<CreatedUser> for CreateUserPayload {
    fn from(created: CreatedUser) -> Self {
        Self { user: created.user.into(), code: created.code.expose(), expires_at: created.expires_at }
    }
}

/// The account whose deletion is scheduled.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DeleteUserPayload {
    /// The account, as it is now.
    pub(crate) user: User,
    /// From when on no request of the account is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the account ended.
    pub(crate) sessions_ended: u64,
}

/// The accounts whose deletion is scheduled.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DeleteUsersPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    pub(crate) users: Vec<User>,
    /// From when on no request of these accounts is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the accounts ended.
    pub(crate) sessions_ended: u64,
}

/// The account that was disabled.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DisableUserPayload {
    /// The account, as it is now.
    pub(crate) user: User,
    /// From when on no request of the account is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the account ended.
    pub(crate) sessions_ended: u64,
}

/// The accounts that were disabled.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DisableUsersPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    pub(crate) users: Vec<User>,
    /// From when on no request of these accounts is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the accounts ended.
    pub(crate) sessions_ended: u64,
}

/// The account that was enabled.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct EnableUserPayload {
    /// The account, as it is now.
    pub(crate) user: User,
    /// From when on the account can sign in.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the account go on: none, since they ended when it was disabled.
    pub(crate) sessions_affected: u64,
}

/// The accounts that were enabled.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct EnableUsersPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    pub(crate) users: Vec<User>,
    /// From when on these accounts can sign in.
    pub(crate) effective_at: DateTime<Utc>,
}

/// The accounts that were imported.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ImportUsersPayload {
    /// The accounts, in the order of the input.
    pub(crate) users: Vec<User>,
}

/// A code that resets a password, and what making it did.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct IssuePasswordResetPayload {
    /// The code, for `resetPassword`. It is shown this once: hand it to the owner of the account, and to no one else.
    pub(crate) code: String,
    /// Until when the code is good.
    pub(crate) expires_at: DateTime<Utc>,
    /// The account whose password the code resets.
    pub(crate) user: User,
    /// How many sessions of the account ended.
    pub(crate) sessions_ended: u64,
    /// Since when the old password and the old sessions are good for nothing.
    pub(crate) effective_at: DateTime<Utc>,
}

impl From<IssuedReset> for IssuePasswordResetPayload {
    fn from(issued: IssuedReset) -> Self {
        Self {
            code: issued.code.expose(),
            expires_at: issued.expires_at,
            user: issued.user.into(),
            sessions_ended: issued.effect.sessions,
            effective_at: issued.effect.at,
        }
    }
}

/// The account whose deletion was taken back.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RestoreUserPayload {
    /// The account, as it is now.
    pub(crate) user: User,
    /// From when on the account can sign in again, where it is not disabled.
    pub(crate) effective_at: DateTime<Utc>,
}

/// The accounts whose deletion was taken back.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RestoreUsersPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    pub(crate) users: Vec<User>,
    /// From when on these accounts can sign in again, where they are not disabled.
    pub(crate) effective_at: DateTime<Utc>,
}

/// The account whose sessions were ended.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RevokeUserSessionsPayload {
    /// The account, as it is now.
    pub(crate) user: User,
    /// From when on no request of these sessions is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the account ended.
    pub(crate) sessions_ended: u64,
}

/// The account whose roles were set.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct SetUserRolesPayload {
    /// The account, as it is now.
    pub(crate) user: User,
    /// From when on every request of the account has the new rights, and no other.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions of the account have other rights now.
    pub(crate) sessions_affected: u64,
}

/// The accounts whose roles were set.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct SetUsersRolesPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    pub(crate) users: Vec<User>,
    /// From when on every request of these accounts has the new rights, and no other.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions of the accounts have other rights now.
    pub(crate) sessions_affected: u64,
}

/// The account whose failed sign-ins were forgotten.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UnlockUserPayload {
    /// The account, as it is now.
    pub(crate) user: User,
}

/// The account that was changed.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UpdateUserPayload {
    /// The account, as it is now.
    pub(crate) user: User,
}
