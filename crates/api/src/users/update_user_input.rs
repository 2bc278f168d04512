//! `UpdateUserInput`: what is to change in which account.

use async_graphql::{ID, InputObject, MaybeUndefined};
use fieldguard_accounts::update_profile::ProfileChange;

/// What is to change in which account. What is absent stays as it is.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// The `id` of the account.
    pub(crate) user_id: ID,
    /// Another name to sign in with.
    username: Option<String>,
    /// Another address for mail; null removes it.
    email: MaybeUndefined<String>,
}

impl From<UpdateUserInput> for ProfileChange {
    fn from(input: UpdateUserInput) -> Self {
        let email = match input.email {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(address) => Some(Some(address)),
        };
        Self { username: input.username, email }
    }
}
