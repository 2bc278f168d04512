//! `createRole`: creates a role that accounts can then be given.

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
    role::{self, Role, RoleName},
    role_description::RoleDescription,
    session::Client,
};
use fieldguard_store as store;

/// The role to create.
pub struct NewRole {
    /// The role's name.
    pub name: String,
    /// The role's purpose.
    pub description: String,
    /// The names of the role's permissions.
    pub permissions: Vec<String>,
    /// The names of the roles it includes.
    pub includes: Vec<String>,
    /// Whether accounts with this role are protected: to change one, the caller needs every permission it has.
    pub is_protected: bool,
}

impl Accounts {
    /// Creates a role.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a value that breaks a rule or an unknown permission or role, [`Error::Taken`] for the
    /// name of another role, [`Error::BeyondOwn`] if it would grant a permission that the caller lacks,
    /// [`Error::Protected`] if it would protect its holders and the caller is not an administrator, [`Error::NotFresh`]
    /// if it grants a permission and the session is not fresh.
    pub async fn create_role(
        &self,
        caller: &Principal,
        new: NewRole,
        client: &Client,
    ) -> Result<(Role, Effect), Error> {
        let text = both(RoleName::parse_new(&new.name), RoleDescription::parse(&new.description));
        let permissions = self.known_permissions(new.permissions);
        let tx = self.begin(caller).await?;
        let all = self.hold_roles(&tx).await?;
        let given = both(permissions, included(&all, &new.includes));
        let ((name, description), (permissions, includes)) = both(text, given)?;
        let (id, description) = (RoleId::new(self.clock.now()), description.into_string());
        let role = Role { id, name, description, permissions, includes, is_protected: new.is_protected };
        within_bounds(&all, &role)?;
        require_permissions_of(caller, [&role])?;
        if role::grant_any(slice::from_ref(&role)) {
            Changer::from(caller).require_fresh()?;
        }
        store::roles::insert(&tx, &role).await?;
        let entry = self.entry(Action::RoleCreated, Actor::caller(caller), client).on(role.id);
        tx.note(entry.changing(None, RecordedState::of_role(&role)));
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(by = %caller.user(), role = %role.id, name = %role.name, "role created");
        Ok((role, effect))
    }
}
