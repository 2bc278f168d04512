//! `UpdateProfilePayload`: the account that was changed.

use async_graphql::Object;
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use super::user::User;

/// The account that was changed.
pub struct UpdateProfilePayload {
    pub(in crate::graphql) user: User,
}

/// The account that was changed.
#[guarded(public)]
#[Object]
impl UpdateProfilePayload {
    /// The account, as it is now.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    async fn user(&self) -> &User {
        &self.user
    }
}
