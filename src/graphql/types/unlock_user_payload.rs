//! `UnlockUserPayload`: the account whose failed sign-ins were forgotten.

use async_graphql::Object;

use super::user::User;
use crate::guarded;

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
