//! What mutations of users take.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use chrono::{DateTime, Utc};
use fieldguard_accounts::{
    import_users::{ImportedUser, OnConflict},
    update_profile::ProfileChange,
};
use fieldguard_domain::{edit::Edit, profile::ProfileDraft};
use fieldguard_guard::cost_directives::Cost;

use crate::{profile::inputs::ProfileInput, users::CHANGED_USER};

/// Input of `createUser`.
#[derive(InputObject)]
pub struct CreateUserInput {
    /// The username to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores. Names that differ only in case are the same name.
    pub username: String,
    /// The email address.
    pub email: Option<String>,
    #[graphql(flatten)]
    pub(crate) profile: AdminProfileInput,
}

/// Input of `updateUser`. Fields that are absent stay unchanged.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// The user to update.
    pub(crate) user_id: ID,
    /// The new username.
    username: Option<String>,
    /// The new email address. Null removes it. A new address is not verified.
    email: MaybeUndefined<String>,
    /// Whether the email address is verified. With `true`, you vouch for the address: the user can then reset the password by mail. This requires a fresh session and every permission that the user has.
    email_verified: Option<bool>,
    #[graphql(flatten)]
    profile: AdminProfileInput,
}

impl From<UpdateUserInput> for ProfileChange {
    fn from(input: UpdateUserInput) -> Self {
        let UpdateUserInput { username, email, email_verified, profile, .. } = input;
        Self { username, email: changed(email), email_verified, profile: profile.into() }
    }
}

/// The profile of a user, as administrators write it.
#[derive(InputObject)]
pub struct AdminProfileInput {
    #[graphql(flatten)]
    profile: ProfileInput,
    /// The application's data about the user that the user can't write: a JSON object of at most 4,096 bytes, nested at most 8 levels. It replaces the whole object. Null removes it.
    admin_metadata: MaybeUndefined<serde_json::Value>,
}

impl From<AdminProfileInput> for ProfileDraft {
    fn from(input: AdminProfileInput) -> Self {
        Self { admin_metadata: edit(input.admin_metadata), ..input.profile.into() }
    }
}

/// The edit of an optional value.
pub(crate) fn edit<T>(field: MaybeUndefined<T>) -> Edit<T> {
    match field {
        MaybeUndefined::Undefined => Edit::Keep,
        MaybeUndefined::Null => Edit::Clear,
        MaybeUndefined::Value(value) => Edit::Set(value),
    }
}

/// Nothing where a field is absent; else the new value, or nothing in its place.
#[expect(clippy::option_option, reason = "a field that is absent differs from one that is null")]
pub(crate) fn changed(field: MaybeUndefined<String>) -> Option<Option<String>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// Input of `disableUser`.
#[derive(InputObject)]
pub struct DisableUserInput {
    /// The user to disable.
    pub(crate) user_id: ID,
}

/// Input of `disableUsers`.
#[derive(InputObject)]
pub struct DisableUsersInput {
    /// The users to disable, at most 100. Duplicates count once.
    #[graphql(directive = Cost::apply(CHANGED_USER))]
    pub(crate) user_ids: Vec<ID>,
}

/// Input of `enableUser`.
#[derive(InputObject)]
pub struct EnableUserInput {
    /// The user to enable.
    pub(crate) user_id: ID,
}

/// Input of `enableUsers`.
#[derive(InputObject)]
pub struct EnableUsersInput {
    /// The users to enable, at most 100. Duplicates count once.
    #[graphql(directive = Cost::apply(CHANGED_USER))]
    pub(crate) user_ids: Vec<ID>,
}

/// Input of `deleteUser`.
#[derive(InputObject)]
pub struct DeleteUserInput {
    /// The user to delete.
    pub(crate) user_id: ID,
}

/// Input of `deleteUsers`.
#[derive(InputObject)]
pub struct DeleteUsersInput {
    /// The users to delete, at most 100. Duplicates count once.
    #[graphql(directive = Cost::apply(CHANGED_USER))]
    pub(crate) user_ids: Vec<ID>,
}

/// Input of `restoreUser`.
#[derive(InputObject)]
pub struct RestoreUserInput {
    /// The user to restore.
    pub(crate) user_id: ID,
}

/// Input of `restoreUsers`.
#[derive(InputObject)]
pub struct RestoreUsersInput {
    /// The users to restore, at most 100. Duplicates count once.
    #[graphql(directive = Cost::apply(CHANGED_USER))]
    pub(crate) user_ids: Vec<ID>,
}

/// Input of `setUserRoles`.
#[derive(InputObject)]
pub struct SetUserRolesInput {
    /// The user whose roles to set.
    pub(crate) user_id: ID,
    /// The names of all roles the user has from now on. Roles that are not listed are removed.
    pub(crate) roles: Vec<String>,
}

/// Input of `setUsersRoles`.
#[derive(InputObject)]
pub struct SetUsersRolesInput {
    /// The users whose roles to set, at most 100. Duplicates count once.
    #[graphql(directive = Cost::apply(CHANGED_USER))]
    pub(crate) user_ids: Vec<ID>,
    /// The names of all roles each user has from now on. Roles that are not listed are removed.
    pub(crate) roles: Vec<String>,
}

/// Input of `unlockUser`.
#[derive(InputObject)]
pub struct UnlockUserInput {
    /// The user to unlock.
    pub(crate) user_id: ID,
}

/// Input of `issuePasswordReset`.
#[derive(InputObject)]
pub struct IssuePasswordResetInput {
    /// The user whose password the code resets.
    pub(crate) user_id: ID,
}

/// Input of `revokeUserSessions`.
#[derive(InputObject)]
pub struct RevokeUserSessionsInput {
    /// The user whose sessions to revoke.
    pub(crate) user_id: ID,
}

/// Input of `importUsers`.
#[derive(InputObject)]
pub struct ImportUsersInput {
    /// The users to import, at most 100.
    #[graphql(directive = Cost::apply(CHANGED_USER))]
    pub(crate) users: Vec<ImportedUserInput>,
    /// What happens to users whose id or username exists.
    #[graphql(default)]
    pub(crate) on_conflict: ImportConflict,
}

/// What `importUsers` does with a user whose id or username exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum ImportConflict {
    /// Refuses the import.
    #[default]
    Reject,
    /// Leaves the user out and changes nothing of the existing one, so that an import can be repeated.
    Skip,
}

impl From<ImportConflict> for OnConflict {
    fn from(conflict: ImportConflict) -> Self {
        match conflict {
            ImportConflict::Reject => Self::Reject,
            ImportConflict::Skip => Self::Skip,
        }
    }
}

/// A user of another system.
#[derive(InputObject)]
pub struct ImportedUserInput {
    /// The user's id in the other system, a UUID in lower case. Defaults to a new id. Where no order is given, users are listed by id.
    id: Option<ID>,
    /// The username to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores. Names that differ only in case are the same name.
    username: String,
    /// The email address.
    email: Option<String>,
    /// Whether the other system verified the email address.
    #[graphql(default)]
    email_verified: bool,
    /// The hash of the user's password by another system: Argon2, bcrypt, PBKDF2, scrypt or phpass, in one of the forms that the guide on import lists. The server replaces it with its own hash when the user first signs in. Null, or text that begins with `!`, imports the user without a password; issue a password reset to let them set one.
    #[graphql(secret)]
    password_hash: Option<String>,
    /// The secret of the user's authenticator app in the other system, in base32, 16 to 64 bytes. The app must show six digits every 30 seconds with SHA-1, as nearly all do. The user then signs in with a code, and can create recovery codes.
    #[graphql(secret)]
    totp_secret: Option<String>,
    /// The names of the user's roles. Defaults to `user`. Other roles require `roles:assign`, and you can only give roles whose permissions you have.
    roles: Option<Vec<String>>,
    /// When the user was created in the other system. Defaults to now.
    created_at: Option<DateTime<Utc>>,
    /// Whether the user is disabled.
    #[graphql(default)]
    disabled: bool,
    #[graphql(flatten)]
    profile: AdminProfileInput,
}

impl From<ImportedUserInput> for ImportedUser {
    fn from(input: ImportedUserInput) -> Self {
        let ImportedUserInput {
            id,
            username,
            email,
            email_verified,
            password_hash,
            totp_secret,
            roles,
            created_at,
            disabled,
            profile,
        } = input;
        let (id, profile) = (id.map(|id| id.0), profile.into());
        Self { id, username, email, email_verified, password_hash, totp_secret, roles, created_at, disabled, profile }
    }
}
