//! `createRole`: there is another role, which can be given to accounts from then on.

use std::slice;

use super::{
    Accounts,
    changer::Changer,
    effect::Effect,
    error::Error,
    shaping::{included, may_shape, within_bounds},
};
use fieldguard_domain::{
    audit::{Action, Actor, Standing},
    id::RoleId,
    invalid::both,
    principal::Principal,
    role::{self, Role, RoleName},
    role_description::RoleDescription,
    session::Client,
};
use fieldguard_store as store;

/// What a role is to be.
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The names of the permissions given to it.
    pub permissions: Vec<String>,
    /// The names of the roles it includes.
    pub includes: Vec<String>,
    /// Are accounts that hold it touched only by those who hold as much?
    pub is_protected: bool,
}

impl Accounts {
    /// Makes a role.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a value that breaks a rule, an unknown permission or role, [`Error::Taken`] for the name of
    /// another role, [`Error::BeyondOwn`] where it would permit what the caller may not, [`Error::Protected`] where it would
    /// protect its holders and the caller is no administrator, [`Error::NotFresh`] where it permits anything and the session
    /// is not fresh.
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
        may_shape(caller, [&role])?;
        if role::grant_any(slice::from_ref(&role)) {
            Changer::from(caller).prove_fresh()?;
        }
        store::roles::insert(&tx, &role).await?;
        let entry = self.entry(Action::RoleCreated, Actor::caller(caller), client).on(role.id);
        tx.note(entry.changing(None, Standing::of_role(&role)));
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(by = %caller.user(), role = %role.id, name = %role.name, "role created");
        Ok((role, effect))
    }
}
