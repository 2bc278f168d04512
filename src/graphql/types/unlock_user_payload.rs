//! `UnlockUserPayload`: the account whose failed sign-ins were forgotten.

use async_graphql::Object;
use fieldguard_guard::guarded;

use super::user::User;

/// The account whose failed sign-ins were forgotten.
pub struct UnlockUserPayload {
    pub(in crate::graphql) user: User,
}

/// The account whose failed sign-ins were forgotten.
#[guarded(public)]
#[Object]
impl UnlockUserPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }
}
