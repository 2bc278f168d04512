//! `ResetPasswordPayload`: the account whose password was reset.

use async_graphql::Object;
use fieldguard_guard::guarded;

use super::user::User;

/// The account whose password was reset.
pub struct ResetPasswordPayload {
    pub(in crate::graphql) user: User,
}

/// The account whose password was reset.
#[guarded(public)]
#[Object]
impl ResetPasswordPayload {
    /// The account, with what everyone may see of it, such as the name to sign in with. The rest is there after signing in.
    async fn user(&self) -> &User {
        &self.user
    }
}
