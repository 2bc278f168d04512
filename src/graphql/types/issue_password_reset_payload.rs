//! `IssuePasswordResetPayload`: a code that resets a password.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::{effect::Effect, issue_password_reset::IssuedReset};

/// A code that resets a password, and what making it did.
pub struct IssuePasswordResetPayload {
    code: String,
    expires_at: DateTime<Utc>,
    user: User,
    effect: Effect,
}

impl From<IssuedReset> for IssuePasswordResetPayload {
    fn from(issued: IssuedReset) -> Self {
        Self {
            code: issued.code.expose(),
            expires_at: issued.expires_at,
            user: issued.user.into(),
            effect: issued.effect,
        }
    }
}

/// A code that resets a password, and what making it did.
#[guarded(public)]
#[Object]
impl IssuePasswordResetPayload {
    /// The code, for `resetPassword`. It is shown this once: hand it to the owner of the account, and to nobody else.
    async fn code(&self) -> &str {
        &self.code
    }

    /// Until when the code is good.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// The account whose password the code resets.
    async fn user(&self) -> &User {
        &self.user
    }

    /// How many sessions of the account ended.
    async fn sessions_ended(&self) -> u64 {
        self.effect.sessions
    }

    /// Since when the old password and the old sessions are good for nothing.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }
}
