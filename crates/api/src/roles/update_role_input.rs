//! `UpdateRoleInput`: what is to change of which role.

use async_graphql::{ID, InputObject};
use fieldguard_accounts::update_role::RoleChange;

/// What is to change of which role. What is absent or null stays as it is.
#[derive(InputObject)]
pub struct UpdateRoleInput {
    /// The `id` of the role.
    pub role_id: ID,
    /// Another name, which no other role has. The role `user` keeps its own.
    name: Option<String>,
    /// Another description: one line of at most 200 characters.
    description: Option<String>,
    /// The names of all permissions that the role itself is to give. Those that are not named are taken away.
    permissions: Option<Vec<String>>,
    /// The names of all roles whose permissions the role is to give too. Those that are not named are taken away. None of them may include this role, on whatever way.
    includes: Option<Vec<String>>,
    /// Whether accounts that hold the role are to be touched only by those who hold as much as they do. Only an administrator changes a role that is so, or makes it so.
    is_protected: Option<bool>,
}

impl From<UpdateRoleInput> for RoleChange {
    fn from(input: UpdateRoleInput) -> Self {
        let UpdateRoleInput { role_id: _, name, description, permissions, includes, is_protected } = input;
        Self { name, description, permissions, includes, is_protected }
    }
}
