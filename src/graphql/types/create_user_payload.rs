//! `CreateUserPayload`: the account that was made, and a code to set its password with.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::create_user::CreatedUser;

/// The account that was made, and a code to set its password with.
pub struct CreateUserPayload {
    user: User,
    code: String,
    expires_at: DateTime<Utc>,
}

impl From<CreatedUser> for CreateUserPayload {
    fn from(created: CreatedUser) -> Self {
        Self { user: created.user.into(), code: created.code.expose(), expires_at: created.expires_at }
    }
}

/// The account that was made, and a code to set its password with.
#[guarded(public)]
#[Object]
impl CreateUserPayload {
    /// The account. Nobody knows a password of it.
    async fn user(&self) -> &User {
        &self.user
    }

    /// The code with which the person sets the first password, for `resetPassword`. It is shown this once: hand it to the person, and to nobody else.
    async fn code(&self) -> &str {
        &self.code
    }

    /// Until when the code is good. `issuePasswordReset` makes another one.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}
