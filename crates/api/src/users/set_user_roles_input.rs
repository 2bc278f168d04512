//! `SetUserRolesInput`: which account gets which roles.

use async_graphql::{ID, InputObject};

/// Which account gets which roles.
#[derive(InputObject)]
pub struct SetUserRolesInput {
    /// The `id` of the account.
    pub user_id: ID,
    /// The names of all roles the account is to hold. Roles that are not named are taken away.
    pub roles: Vec<String>,
}
