//! What all who make, change, delete or give roles must keep to. **Nobody hands out more than he holds**: not a role to an
//! account, not a permission to a role, not a role to a role that includes it. And nobody changes what permits more than he
//! may, be it to take away: who cannot oversee a role does not judge what it may lose. Whether a role protects its holders,
//! by itself or by what it includes, is for administrators, or its weakest holder could put himself out of reach of those who
//! watch him.

use std::{collections::BTreeSet, sync::Arc};

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{
    invalid::{Invalid, Reason},
    principal::Principal,
    role::{self, ADMIN, Role, RoleName},
};
use fieldguard_store::{self as store, Tx};

/// How many roles there can be: lists of them have no pages.
const MOST_ROLES: usize = 1_000;
/// Of how many roles one can be made, see [`Role::parts`]: a query may ask for all of them, of every role.
const MOST_PARTS: usize = 100;

impl Accounts {
    /// Every role, as they stand until `tx` ends: nobody else changes one, or gives one to an account, before.
    pub(super) async fn hold_roles(&self, tx: &Tx) -> Result<Vec<Role>, Error> {
        store::administrators::lock(tx).await?;
        Ok(store::roles::list(tx).await?)
    }

    /// Refuses to give an account that holds `held` the roles of these names, where one does not exist or would be new to it
    /// and permits what the changer may not. Answers the roles, which stay as they are until `tx` ends.
    pub(super) async fn givable(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        held: &[Role],
        names: &[RoleName],
    ) -> Result<Vec<Role>, Error> {
        store::administrators::lock(tx).await?;
        let known = store::roles::named(tx, names).await?;
        if let Some(name) = names.iter().find(|name| known.iter().all(|it| it.name != **name)) {
            return Err(Invalid::new("roles", Reason::Unknown, format!("There is no role `{name}`.")).into());
        }
        let given: Vec<_> = known.iter().filter(|role| held.iter().all(|it| it.id != role.id)).cloned().collect();
        if by.holds_as_much_as(&given) { Ok(known) } else { Err(Error::BeyondOwn) }
    }

    /// The permissions of these names, sorted, each once.
    pub(super) fn known_permissions(&self, names: Vec<String>) -> Result<Vec<String>, Invalid> {
        if let Some(at) = names.iter().position(|name| self.catalogue.find(name).is_none()) {
            let reason = format!("Number {} is no permission. The query `permissions` lists those there are.", at + 1);
            return Err(Invalid::new("permissions", Reason::Unknown, reason));
        }
        Ok(Vec::from_iter(BTreeSet::from_iter(names)))
    }
}

/// Refuses to make, change or delete what is, or becomes, such a role.
pub(super) fn may_shape<'a>(caller: &Principal, roles: impl IntoIterator<Item = &'a Role>) -> Result<(), Error> {
    for role in roles {
        let role = std::slice::from_ref(role);
        if role::protect(role) && !caller.has_role(ADMIN) {
            return Err(Error::Protected);
        }
        if !caller.holds_as_much_as(role) {
            return Err(Error::BeyondOwn);
        }
    }
    Ok(())
}

/// The roles of these names that another is to include, by name. `admin` is none: who administers is said of accounts, and
/// counted there.
pub(super) fn included(all: &[Role], names: &[String]) -> Result<Vec<Arc<Role>>, Invalid> {
    let refused = |reason, message: String| Invalid::new("includes", reason, message);
    let parsed = names.iter().map(|name| RoleName::parse(name)).collect::<Result<BTreeSet<_>, _>>();
    let names = parsed.map_err(|invalid| invalid.at("includes"))?;
    let role = |name: &RoleName| {
        if name.as_str() == ADMIN {
            return Err(refused(Reason::Reserved, format!("`{ADMIN}` is given to accounts, and no role includes it.")));
        }
        let role = all.iter().find(|it| it.name == *name);
        role.map(|it| Arc::new(it.clone()))
            .ok_or_else(|| refused(Reason::Unknown, format!("There is no role `{name}`.")))
    };
    names.iter().map(role).collect()
}

/// Refuses what would make the number or the size of roles grow without end, where `changed` becomes one of `all`.
pub(super) fn within_bounds(all: &[Role], changed: &Role) -> Result<(), Invalid> {
    if all.len() >= MOST_ROLES && all.iter().all(|it| it.id != changed.id) {
        return Err(Invalid::new(
            "name",
            Reason::TooMany,
            format!("There are {MOST_ROLES} roles, as many as there can be."),
        ));
    }
    if changed.includes.iter().any(|it| it.contains(changed.id)) {
        return Err(Invalid::new(
            "includes",
            Reason::Circular,
            "A role includes itself neither directly nor by way of others.",
        ));
    }
    if all.iter().chain([changed]).any(|it| it.parts(changed, MOST_PARTS + 1) > MOST_PARTS) {
        let reason = format!("A role can be made of {MOST_PARTS} roles, each counted as often as it is included.");
        return Err(Invalid::new("includes", Reason::TooMany, reason));
    }
    Ok(())
}
