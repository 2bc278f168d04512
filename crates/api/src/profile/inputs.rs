//! What mutations of a user's own account take.

use async_graphql::{InputObject, MaybeUndefined};
use fieldguard_accounts::{register::Registration, update_profile::ProfileChange};
use fieldguard_domain::{edit::Edit, profile::ProfileDraft};

use crate::{
    sessions::token_delivery::TokenDelivery,
    users::inputs::{changed, edit},
};

/// Input of `register`.
#[derive(InputObject)]
pub struct RegisterInput {
    /// The username to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores. Names that differ only in case are the same name.
    username: String,
    /// The email address.
    email: Option<String>,
    /// The password. See `serverInfo.passwordRules`.
    #[graphql(secret)]
    password: String,
    /// Where to deliver the refresh token.
    #[graphql(default)]
    pub(crate) delivery: TokenDelivery,
}

impl From<RegisterInput> for Registration {
    fn from(input: RegisterInput) -> Self {
        Self { username: input.username, email: input.email, password: input.password }
    }
}

/// Input of `updateProfile`. Fields that are absent stay unchanged.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// The new username.
    username: Option<String>,
    /// The new email address. Null removes it.
    email: MaybeUndefined<String>,
    #[graphql(flatten)]
    profile: ProfileInput,
}

impl From<UpdateProfileInput> for ProfileChange {
    fn from(input: UpdateProfileInput) -> Self {
        Self {
            username: input.username,
            email: changed(input.email),
            email_verified: None,
            profile: input.profile.into(),
        }
    }
}

/// The profile of a user, as the user writes it.
#[derive(InputObject)]
pub struct ProfileInput {
    /// The name to show in place of the username: 1 to 100 characters in one line. Null removes it.
    display_name: MaybeUndefined<String>,
    /// The language and region for the user interface: a language tag (BCP 47), such as `de-CH`. Null removes it.
    locale: MaybeUndefined<String>,
    /// The time zone for displayed times: a name of the IANA time zone database, such as `Europe/Vienna`. Null removes it.
    time_zone: MaybeUndefined<String>,
    /// The address of the user's picture: an `https` URL of at most 2,048 bytes, without a username or password. Null removes it.
    avatar_url: MaybeUndefined<String>,
    /// The application's data about the user: a JSON object of at most 4,096 bytes, nested at most 8 levels. It replaces the whole object. Null removes it.
    metadata: MaybeUndefined<serde_json::Value>,
}

impl From<ProfileInput> for ProfileDraft {
    fn from(input: ProfileInput) -> Self {
        Self {
            display_name: edit(input.display_name),
            locale: edit(input.locale),
            time_zone: edit(input.time_zone),
            avatar_url: edit(input.avatar_url),
            metadata: edit(input.metadata),
            admin_metadata: Edit::Keep,
        }
    }
}

/// Input of `updatePassword`.
#[derive(InputObject)]
pub struct UpdatePasswordInput {
    /// The current password.
    #[graphql(secret)]
    pub(crate) current_password: String,
    /// The new password. See `serverInfo.passwordRules`.
    #[graphql(secret)]
    pub(crate) new_password: String,
}

/// Input of `resetPassword`.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// The code that an administrator issued with `issuePasswordReset` or `createUser`, or that `requestPasswordReset` sent by mail.
    #[graphql(secret)]
    pub(crate) code: String,
    /// The new password. See `serverInfo.passwordRules`.
    #[graphql(secret)]
    pub(crate) new_password: String,
}

/// Input of `requestPasswordReset`.
#[derive(InputObject)]
pub struct RequestPasswordResetInput {
    /// The email address of the account, in any case.
    pub(crate) email: String,
}

/// Input of `verifyEmail`.
#[derive(InputObject)]
pub struct VerifyEmailInput {
    /// The code from the mail.
    #[graphql(secret)]
    pub(crate) code: String,
}

/// Input of `undoEmailChange`.
#[derive(InputObject)]
pub struct UndoEmailChangeInput {
    /// The code from the mail to the former address.
    #[graphql(secret)]
    pub(crate) code: String,
}

/// Input of `deleteAccount`.
#[derive(InputObject)]
pub struct DeleteAccountInput {
    /// The current password.
    #[graphql(secret)]
    pub(crate) password: String,
}
