//! `RestoreUserPayload`: the account whose deletion was taken back.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::effect::Effect;

/// The account whose deletion was taken back.
pub struct RestoreUserPayload {
    pub(in crate::graphql) user: User,
    pub(in crate::graphql) effect: Effect,
}

/// The account whose deletion was taken back.
#[guarded(public)]
#[Object]
impl RestoreUserPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }

    /// From when on the account can sign in again, where it is not disabled.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }
}
