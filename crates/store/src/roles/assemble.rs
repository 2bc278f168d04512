//! Builds roles from rows. Each role is built once, however many roles include it.

use std::{collections::HashMap, sync::Arc};

use serde::Deserialize;
use uuid::Uuid;

use super::read::parse;
use crate::Error;
use fieldguard_domain::role::{Role, RoleName};

/// A role: identifier, name, description, whether it is protected, and as JSON its permissions and the identifiers of
/// the roles it includes.
#[derive(Deserialize)]
pub(super) struct RoleRow(Uuid, String, String, u8, String, String);

/// The roles of `rows` with the `wanted` identifiers, sorted by name. The rows contain all roles that they include,
/// directly or indirectly.
pub(super) fn assemble(rows: Vec<RoleRow>, wanted: &[Uuid]) -> Result<Vec<Role>, Error> {
    let mut assembly = Assembly { rows: rows.into_iter().map(|row| (row.0, row)).collect(), built: HashMap::new() };
    Ok(assembly.all(wanted)?.into_iter().map(Arc::unwrap_or_clone).collect())
}

struct Assembly {
    /// The rows not processed yet. A role that includes itself is in neither map while it is built, and is left out.
    rows: HashMap<Uuid, RoleRow>,
    built: HashMap<Uuid, Arc<Role>>,
}

impl Assembly {
    /// These roles, sorted by name.
    fn all(&mut self, ids: &[Uuid]) -> Result<Vec<Arc<Role>>, Error> {
        let mut roles = Vec::with_capacity(ids.len());
        for id in ids {
            roles.extend(self.role(*id)?);
        }
        roles.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(roles)
    }

    fn role(&mut self, id: Uuid) -> Result<Option<Arc<Role>>, Error> {
        if let Some(role) = self.built.get(&id) {
            return Ok(Some(role.clone()));
        }
        let Some(RoleRow(_, name, description, is_protected, permissions, includes)) = self.rows.remove(&id) else {
            return Ok(None);
        };
        let mut permissions = parse::<String>(&permissions)?;
        permissions.sort_unstable();
        let includes = self.all(&parse::<Uuid>(&includes)?)?;
        let (name, is_protected) = (RoleName::from_stored(name), is_protected != 0);
        let role = Arc::new(Role { id: id.into(), name, description, permissions, includes, is_protected });
        self.built.insert(id, role.clone());
        Ok(Some(role))
    }
}
