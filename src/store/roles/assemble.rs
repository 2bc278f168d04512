//! Puts roles together from rows: each one once, however many include it.

use std::{collections::HashMap, sync::Arc};

use serde::Deserialize;
use uuid::Uuid;

use crate::domain::role::{Role, RoleName};

#[derive(Deserialize)]
pub(super) struct RoleRow(Uuid, String, String, u8);
#[derive(Deserialize)]
pub(super) struct PermissionRow(Uuid, String);
#[derive(Deserialize)]
pub(super) struct IncludeRow(Uuid, Uuid);

/// What was read, by role.
pub(super) struct Rows {
    /// What is not begun. A role that is met again within itself is in neither map, and left out there.
    roles: HashMap<Uuid, RoleRow>,
    permissions: HashMap<Uuid, Vec<String>>,
    includes: HashMap<Uuid, Vec<Uuid>>,
    /// What is put together already.
    made: HashMap<Uuid, Arc<Role>>,
}

impl Rows {
    pub(super) fn new(roles: Vec<RoleRow>, permissions: Vec<PermissionRow>, includes: Vec<IncludeRow>) -> Self {
        let (mut permitted, mut included) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for PermissionRow(role, permission) in permissions {
            permitted.entry(role).or_default().push(permission);
        }
        for IncludeRow(role, other) in includes {
            included.entry(role).or_default().push(other);
        }
        let roles = roles.into_iter().map(|row| (row.0, row)).collect();
        Self { roles, permissions: permitted, includes: included, made: HashMap::new() }
    }

    /// These of the roles, by name.
    pub(super) fn assemble(mut self, wanted: &[Uuid]) -> Vec<Role> {
        let mut roles: Vec<_> = wanted.iter().filter_map(|id| self.role(*id)).map(Arc::unwrap_or_clone).collect();
        roles.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        roles
    }

    fn role(&mut self, id: Uuid) -> Option<Arc<Role>> {
        if let Some(role) = self.made.get(&id) {
            return Some(role.clone());
        }
        let RoleRow(_, name, description, is_protected) = self.roles.remove(&id)?;
        let mut permissions = self.permissions.remove(&id).unwrap_or_default();
        permissions.sort_unstable();
        let others = self.includes.remove(&id).unwrap_or_default();
        let mut includes: Vec<_> = others.into_iter().filter_map(|it| self.role(it)).collect();
        includes.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let is_protected = is_protected != 0;
        let name = RoleName::from_stored(name);
        let role = Arc::new(Role { id: id.into(), name, description, permissions, includes, is_protected });
        self.made.insert(id, role.clone());
        Some(role)
    }
}
