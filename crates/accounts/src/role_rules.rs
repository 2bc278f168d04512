//! Rules for all who create, update, delete or give roles. **A caller can't grant permissions they don't have**: not by
//! giving a role to an account, a permission to a role, or a role to a role that includes it. A caller can't change a
//! role with permissions they lack, not even to remove permissions. Only administrators decide whether a role protects
//! its holders, directly or by what it includes. Otherwise any holder could protect themselves from those who oversee
//! them.

use std::{collections::BTreeSet, sync::Arc};

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{
    invalid::{Invalid, Reason},
    principal::Principal,
    role::{self, ADMIN, Role, RoleName},
};
use fieldguard_store::{self as store, Tx};

/// The maximum number of roles. Lists of roles have no pages.
const MOST_ROLES: usize = 1_000;
/// The maximum number of roles in one role, see [`Role::parts`]. A query may ask for all of them, for every role.
const MOST_PARTS: usize = 100;

impl Accounts {
    /// All roles. Until `tx` ends, no other transaction changes a role or gives one to an account.
    pub(super) async fn hold_roles(&self, tx: &Tx) -> Result<Vec<Role>, Error> {
        store::administrators::lock(tx).await?;
        Ok(store::roles::list(tx).await?)
    }

    /// Checks that the changer may give an account that holds `held` the roles with these names. Refuses an unknown
    /// role, and a new role with permissions the changer lacks. Returns the roles, which stay unchanged until `tx`
    /// ends.
    pub(super) async fn givable(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        held: &[Role],
        names: &[RoleName],
    ) -> Result<Vec<Role>, Error> {
        store::administrators::lock(tx).await?;
        let known = store::roles::named(tx, names).await?;
        if let Some(name) = names.iter().find(|name| known.iter().all(|role| role.name != **name)) {
            return Err(Invalid::new("roles", Reason::Unknown, format!("There is no role `{name}`.")).into());
        }
        let given: Vec<_> = known.iter().filter(|role| held.iter().all(|other| other.id != role.id)).cloned().collect();
        if by.has_permissions_of(&given) { Ok(known) } else { Err(Error::BeyondOwn) }
    }

    /// The permissions with these names, sorted and without duplicates.
    pub(super) fn known_permissions(&self, names: Vec<String>) -> Result<Vec<String>, Invalid> {
        if let Some(at) = names.iter().position(|name| self.catalogue.find(name).is_none()) {
            let reason = format!(
                "Item {} of `permissions` is not a permission. Query `permissions` for the valid names.",
                at + 1
            );
            return Err(Invalid::new("permissions", Reason::Unknown, reason));
        }
        Ok(Vec::from_iter(BTreeSet::from_iter(names)))
    }
}

/// Refuses to create, change or delete one of these roles if it protects its holders or has permissions the caller
/// lacks.
pub(super) fn require_permissions_of<'a>(
    caller: &Principal,
    roles: impl IntoIterator<Item = &'a Role>,
) -> Result<(), Error> {
    for role in roles {
        let role = std::slice::from_ref(role);
        if role::protect(role) && !caller.has_role(ADMIN) {
            return Err(Error::Protected);
        }
        if !caller.has_permissions_of(role) {
            return Err(Error::BeyondOwn);
        }
    }
    Ok(())
}

/// The roles with these names, for another role to include, sorted by name. `admin` is refused: it is given to accounts
/// only, where administrators are counted.
pub(super) fn included(all: &[Role], names: &[String]) -> Result<Vec<Arc<Role>>, Invalid> {
    let refused = |reason, message: String| Invalid::new("includes", reason, message);
    let parsed = names.iter().map(|name| RoleName::parse(name)).collect::<Result<BTreeSet<_>, _>>();
    let names = parsed.map_err(|invalid| invalid.at("includes"))?;
    let role = |name: &RoleName| {
        if name.as_str() == ADMIN {
            return Err(refused(
                Reason::Reserved,
                format!("A role can't include `{ADMIN}`. Give `{ADMIN}` to accounts instead."),
            ));
        }
        let role = all.iter().find(|role| role.name == *name);
        role.map(|role| Arc::new(role.clone()))
            .ok_or_else(|| refused(Reason::Unknown, format!("There is no role `{name}`.")))
    };
    names.iter().map(role).collect()
}

/// Refuses a change that exceeds the limits on the number and the size of roles, where `changed` becomes one of `all`.
pub(super) fn within_bounds(all: &[Role], changed: &Role) -> Result<(), Invalid> {
    if all.len() >= MOST_ROLES && all.iter().all(|role| role.id != changed.id) {
        return Err(Invalid::new(
            "name",
            Reason::TooMany,
            format!("There can be at most {MOST_ROLES} roles. Delete one first."),
        ));
    }
    if changed.includes.iter().any(|role| role.contains(changed.id)) {
        return Err(Invalid::new(
            "includes",
            Reason::Circular,
            "A role can't include itself, directly or through other roles.",
        ));
    }
    if all.iter().chain([changed]).any(|role| role.parts(changed, MOST_PARTS + 1) > MOST_PARTS) {
        let reason = format!("A role can include at most {MOST_PARTS} roles, counted each time they are included.");
        return Err(Invalid::new("includes", Reason::TooMany, reason));
    }
    Ok(())
}
