//! What mutations of a user's own account take.

use async_graphql::{InputObject, MaybeUndefined};
use fieldguard_accounts::{register::Registration, update_profile::ProfileChange};

use crate::{sessions::token_delivery::TokenDelivery, users::inputs::changed};

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
}

impl From<UpdateProfileInput> for ProfileChange {
    fn from(input: UpdateProfileInput) -> Self {
        Self { username: input.username, email: changed(input.email) }
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
    /// The code that an administrator issued with `issuePasswordReset` or `createUser`.
    #[graphql(secret)]
    pub(crate) code: String,
    /// The new password. See `serverInfo.passwordRules`.
    #[graphql(secret)]
    pub(crate) new_password: String,
}

/// Input of `deleteAccount`.
#[derive(InputObject)]
pub struct DeleteAccountInput {
    /// The current password.
    #[graphql(secret)]
    pub(crate) password: String,
}
