//! `UpdateProfileInput`: what is to change in one's own account.

use async_graphql::{InputObject, MaybeUndefined};
use fieldguard_accounts::update_profile::ProfileChange;

/// What is to change in one's own account. What is absent stays as it is.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// Another name to sign in with.
    username: Option<String>,
    /// Another address for mail; null removes it.
    email: MaybeUndefined<String>,
}

impl From<UpdateProfileInput> for ProfileChange {
    fn from(input: UpdateProfileInput) -> Self {
        let email = match input.email {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(address) => Some(Some(address)),
        };
        Self { username: input.username, email }
    }
}
