//! `deleteRole`: deletes a role, and removes it from users and from roles that include it.

use std::slice;

use super::{Accounts, changer::Changer, effect::Effect, error::Error, role_rules::require_permissions_of};
use fieldguard_domain::{
    audit::{Action, Actor, RecordedState},
    id::RoleId,
    principal::Principal,
    role::{self, USER},
    session::Client,
};
use fieldguard_store as store;

impl Accounts {
    /// Deletes a role. Users lose the permissions they had through it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown role, [`Error::BuiltIn`] for `admin` and `user`, [`Error::BeyondOwn`] where it, or a
    /// role that includes it, permits what the caller may not, [`Error::Protected`] where one of those protects its holders
    /// and the caller is no administrator, [`Error::NotFresh`] where it protects its holders and the session is not fresh.
    pub async fn delete_role(
        &self,
        caller: &Principal,
        name: &str,
        client: &Client,
    ) -> Result<(RoleId, Effect), Error> {
        let tx = self.begin(caller).await?;
        let all = self.hold_roles(&tx).await?;
        let role = all.iter().find(|role| role.name.as_str() == name).ok_or(Error::NotFound("role"))?;
        let id = role.id;
        if role.is_admin() || role.name.as_str() == USER {
            return Err(Error::BuiltIn);
        }
        require_permissions_of(caller, all.iter().filter(|it| it.contains(id)))?;
        if role::protect(slice::from_ref(role)) {
            Changer::from(caller).require_fresh()?;
        }
        let sessions = store::roles::live_sessions(&tx, id, self.clock.now()).await?;
        store::roles::delete(&tx, id).await?;
        let entry = self.entry(Action::RoleDeleted, Actor::caller(caller), client).on(id);
        tx.note(entry.changing(RecordedState::of_role(role), None));
        let effect = self.commit_change(tx, sessions).await?;
        tracing::info!(by = %caller.user(), role = %id, name = %role.name, sessions, "role deleted");
        Ok((id, effect))
    }
}
