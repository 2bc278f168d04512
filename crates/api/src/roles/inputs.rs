//! What mutations of roles take.

use async_graphql::InputObject;
use fieldguard_accounts::{create_role::NewRole, update_role::RoleChange};

/// Input of `createRole`.
#[derive(InputObject)]
pub struct CreateRoleInput {
    /// The name, which must be unique: 1 to 40 lower-case letters, digits, hyphens and underscores, starting with a letter.
    name: String,
    /// What the role is for: one line of at most 200 characters.
    #[graphql(default)]
    description: String,
    /// The names of the role's own permissions. The query `permissions` lists all there are.
    #[graphql(default)]
    permissions: Vec<String>,
    /// The names of the roles whose permissions this role includes. It can't include `admin`.
    #[graphql(default)]
    includes: Vec<String>,
    /// Whether users with this role are protected: to change them, a caller needs every permission they have. Only an administrator can set it.
    #[graphql(default)]
    is_protected: bool,
}

impl From<CreateRoleInput> for NewRole {
    fn from(input: CreateRoleInput) -> Self {
        let CreateRoleInput { name, description, permissions, includes, is_protected } = input;
        Self { name, description, permissions, includes, is_protected }
    }
}

/// Input of `updateRole`. Fields that are absent or null stay unchanged.
#[derive(InputObject)]
pub struct UpdateRoleInput {
    /// The name of the role to update.
    pub(crate) role: String,
    /// The new name, which must be unique. The role `user` can't be renamed.
    name: Option<String>,
    /// The new description: one line of at most 200 characters.
    description: Option<String>,
    /// The names of all of the role's own permissions. Permissions that are not listed are removed.
    permissions: Option<Vec<String>>,
    /// The names of all roles whose permissions this role includes. Roles that are not listed are removed. None of them may include this role, directly or indirectly.
    includes: Option<Vec<String>>,
    /// Whether users with this role are protected: to change them, a caller needs every permission they have. Only an administrator can set it or update a protected role.
    is_protected: Option<bool>,
}

impl From<UpdateRoleInput> for RoleChange {
    fn from(input: UpdateRoleInput) -> Self {
        let UpdateRoleInput { role: _, name, description, permissions, includes, is_protected } = input;
        Self { name, description, permissions, includes, is_protected }
    }
}

/// Input of `deleteRole`.
#[derive(InputObject)]
pub struct DeleteRoleInput {
    /// The name of the role to delete.
    pub(crate) role: String,
}
