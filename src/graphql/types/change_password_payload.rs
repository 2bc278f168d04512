//! `ChangePasswordPayload`: the account whose password was changed.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use super::user::User;
use crate::accounts::effect::Effect;

/// The account whose password was changed.
pub struct ChangePasswordPayload {
    pub(in crate::graphql) user: User,
    pub(in crate::graphql) effect: Effect,
}

/// The account whose password was changed.
#[guarded(public)]
#[Object]
impl ChangePasswordPayload {
    /// The account, as it is now.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    async fn user(&self) -> &User {
        &self.user
    }

    /// How many other sessions of the account ended.
    async fn sessions_ended(&self) -> u64 {
        self.effect.sessions
    }

    /// From when on no request of these sessions is answered any more, and the old password is good for nothing.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }
}
