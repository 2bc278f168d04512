//! `updateRole`: updates a role, and the permissions of all users who have it, directly or through a role that includes it.

use std::slice;

use super::{
    Accounts,
    changer::Changer,
    effect::Effect,
    error::Error,
    role_rules::{included, require_permissions_of, within_bounds},
};
use fieldguard_domain::{
    audit::{Action, Actor, RecordedState},
    id::RoleId,
    invalid::both,
    principal::Principal,
    role::{self, Role, RoleName, USER},
    role_description::RoleDescription,
    session::Client,
};
use fieldguard_store::{self as store, Tx};

/// Changes of a role. Absent values stay unchanged.
#[derive(Default)]
pub struct RoleChange {
    /// The new name.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The names of all its own permissions.
    pub permissions: Option<Vec<String>>,
    /// The names of all roles it includes.
    pub includes: Option<Vec<String>>,
    /// Whether users with the role are protected.
    pub is_protected: Option<bool>,
}

impl Accounts {
    /// Updates a role. Requests that start after the response have the new permissions.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown role, [`Error::BuiltIn`] for `admin` and for another name of `user`,
    /// [`Error::ConfiguredRole`] for another name of a role that the configuration names, [`Error::Invalid`] for a
    /// value that breaks a rule, an unknown permission or role, or a circle of roles, [`Error::Taken`] for the name of
    /// another role, [`Error::BeyondOwn`] where it, as it is or as it would be, permits what the caller may not, or a
    /// role does whose rights change with it, [`Error::Protected`] where one of those protects its holders and the
    /// caller is no administrator, [`Error::NotFresh`] where it comes farther than before, or protects its holders no
    /// longer, and the session is not fresh.
    pub async fn update_role(
        &self,
        caller: &Principal,
        name: &str,
        change: RoleChange,
        client: &Client,
    ) -> Result<(Role, Effect), Error> {
        let tx = self.begin(caller).await?;
        let all = self.hold_roles(&tx).await?;
        let before = all.iter().find(|role| role.name.as_str() == name).ok_or(Error::NotFound("role"))?;
        let id = before.id;
        if before.is_admin() {
            return Err(Error::BuiltIn);
        }
        let after = self.changed(&all, before, change)?;
        if before.name.as_str() == USER && after.name != before.name {
            return Err(Error::BuiltIn);
        }
        // The requirement would end with the name.
        if after.name != before.name && self.policy.second_factor_roles.contains(&before.name) {
            return Err(Error::ConfiguredRole);
        }
        within_bounds(&all, &after)?;
        let sessions = if only_description_differs(before, &after) {
            require_permissions_of(caller, [before])?;
            0
        } else {
            require_permissions_of(caller, all.iter().filter(|it| it.contains(id)).chain([&after]))?;
            if extends(before, &after) {
                Changer::from(caller).require_fresh()?;
            }
            self.affect(&tx, id).await?
        };
        store::roles::replace(&tx, &after).await?;
        let entry = self.entry(Action::RoleUpdated, Actor::caller(caller), client).on(id);
        tx.note(entry.changing(RecordedState::of_role(before), RecordedState::of_role(&after)));
        let effect = self.commit_change(tx, sessions).await?;
        tracing::info!(by = %caller.user(), role = %id, name = %after.name, sessions, "role changed");
        Ok((after, effect))
    }

    fn changed(&self, all: &[Role], before: &Role, change: RoleChange) -> Result<Role, Error> {
        let name = change.name.filter(|it| it != before.name.as_str());
        let name = name.map(|it| RoleName::parse_new(&it)).transpose();
        let description = change.description.map(|it| RoleDescription::parse(&it)).transpose();
        let permissions = change.permissions.map(|it| self.known_permissions(it)).transpose();
        let includes = change.includes.map(|it| included(all, &it)).transpose();
        let text = both(name, description);
        let ((name, description), (permissions, includes)) = both(text, both(permissions, includes))?;
        let before = before.clone();
        Ok(Role {
            name: name.unwrap_or(before.name),
            description: description.map_or(before.description, RoleDescription::into_string),
            permissions: permissions.unwrap_or(before.permissions),
            includes: includes.unwrap_or(before.includes),
            is_protected: change.is_protected.unwrap_or(before.is_protected),
            ..before
        })
    }

    /// How many sessions have new permissions. Voids the reset codes of the role's users: an administrator who could
    /// reset a password before may lack a permission that the user has now.
    async fn affect(&self, tx: &Tx, role: RoleId) -> Result<u64, Error> {
        store::roles::void_resets(tx, role).await?;
        Ok(store::roles::live_sessions(tx, role, self.clock.now()).await?)
    }
}

/// Whether users of the role gain access, or others gain access to them because the role no longer protects them.
fn extends(before: &Role, after: &Role) -> bool {
    let [before, after] = [before, after].map(slice::from_ref);
    role::adds_rights(before, after) || role::removes_protection(before, after)
}

/// Whether only the description changes.
fn only_description_differs(before: &Role, after: &Role) -> bool {
    Role { description: before.description.clone(), ..after.clone() } == *before
}
