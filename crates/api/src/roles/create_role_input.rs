//! `CreateRoleInput`: what a role is to be.

use async_graphql::InputObject;
use fieldguard_accounts::create_role::NewRole;

/// What a role is to be.
#[derive(InputObject)]
pub struct CreateRoleInput {
    /// The name, which no other role has: 1 to 40 lower-case letters, digits, hyphens and underscores, a letter first.
    name: String,
    /// What the role is for: one line of at most 200 characters.
    #[graphql(default)]
    description: String,
    /// The names of the permissions that the role gives. The query `permissions` lists those there are.
    #[graphql(default)]
    permissions: Vec<String>,
    /// The names of the roles whose permissions the role gives too. `admin` is none of them.
    #[graphql(default)]
    includes: Vec<String>,
    /// Whether accounts that hold the role are to be touched only by those who hold as much as they do. Only an administrator sets it.
    #[graphql(default)]
    is_protected: bool,
}

impl From<CreateRoleInput> for NewRole {
    fn from(input: CreateRoleInput) -> Self {
        let CreateRoleInput { name, description, permissions, includes, is_protected } = input;
        Self { name, description, permissions, includes, is_protected }
    }
}
