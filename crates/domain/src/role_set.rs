//! The roles of one or more users who have the same roles.

use std::{collections::BTreeSet, sync::OnceLock};

use super::{
    permission::Catalogue,
    role::{Role, effective_permissions},
};

/// The roles that a user was given, sorted by name. Users with the same roles can share it, and then their permissions are
/// computed once.
#[derive(Debug, Default)]
pub struct RoleSet {
    roles: Vec<Role>,
    permissions: OnceLock<BTreeSet<String>>,
}

impl RoleSet {
    /// The roles, without those that they include.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The names of the permissions that the roles give together ([`effective_permissions`]). Every call must pass the same
    /// `catalogue`.
    pub fn permissions(&self, catalogue: &Catalogue) -> &BTreeSet<String> {
        self.permissions.get_or_init(|| effective_permissions(&self.roles, catalogue))
    }
}

impl From<Vec<Role>> for RoleSet {
    fn from(roles: Vec<Role>) -> Self {
        Self { roles, permissions: OnceLock::new() }
    }
}
