//! `SetUsersRolesInput`: which accounts get which roles.

use async_graphql::{ID, InputObject};
use fieldguard_guard::cost_directives::Cost;

use crate::users::CHANGED_ACCOUNT;

/// Which accounts get which roles.
#[derive(InputObject)]
pub struct SetUsersRolesInput {
    /// The `id`s of the accounts, 100 at most. One that is named twice counts once.
    #[graphql(directive = Cost::apply(CHANGED_ACCOUNT))]
    pub user_ids: Vec<ID>,
    /// The names of all roles that each of the accounts is to hold. Roles that are not named are taken away.
    pub roles: Vec<String>,
}
