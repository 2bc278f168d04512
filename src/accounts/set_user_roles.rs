//! `setUserRoles`: an account gets exactly these roles.

use std::collections::BTreeSet;

use super::{Accounts, effect::Effect, error::Error};
use crate::{
    domain::{
        audit::{Action, Actor, Standing},
        id::UserId,
        principal::Principal,
        role::{ADMIN, Role, RoleName},
        session::Client,
        user::User,
    },
    store,
};

impl Accounts {
    /// Replaces the roles of an account. The new rights hold for every request that starts after the answer. What the account
    /// holds already it can keep, and whoever may touch it can take any role from it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Invalid`] for an unknown role, [`Error::Protected`] where the
    /// account is, and the caller does not hold as much, [`Error::BeyondOwn`] where a role that is new to it permits what the
    /// caller may not, [`Error::NotFresh`] where it makes an administrator in a session that is not fresh,
    /// [`Error::LastAdministrator`].
    pub async fn set_user_roles(
        &self,
        caller: &Principal,
        user: UserId,
        roles: &[String],
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let roles = roles.iter().map(|name| RoleName::parse(name)).collect::<Result<BTreeSet<_>, _>>()?;
        let roles = Vec::from_iter(roles);
        let tx = self.store.write().await?;
        let watch = self.watch_administrators(&tx).await?;
        let target = store::users::find(&tx, user).await?.ok_or(Error::NotFound("userId"))?;
        let held = self.touchable(&tx, caller, user).await?;
        self.givable(&tx, caller, &held, &roles).await?;
        let makes_administrator = roles.iter().any(|it| it.as_str() == ADMIN) && !held.iter().any(Role::is_admin);
        if makes_administrator && !caller.is_fresh() {
            return Err(Error::NotFresh);
        }
        store::roles::assign(&tx, user, &roles).await?;
        // Whoever may reset the account as it was may not be one who may reset it as it is.
        store::password_resets::void(&tx, user).await?;
        watch.somebody_stays(&tx).await?;
        let sessions = store::sessions::live_of(&tx, user, self.clock.now()).await?;
        let after = Standing::holding(roles.iter().map(RoleName::as_str));
        let entry = self.entry(Action::UserRolesSet, Actor::caller(caller), client).on(user);
        tx.note(entry.changing(Standing::of_roles(&held), after));
        let effect = self.commit_change(tx, sessions).await?;
        let names: Vec<_> = roles.iter().map(RoleName::as_str).collect();
        tracing::info!(by = %caller.user(), %user, roles = names.join(" "), "roles set");
        Ok((target, effect))
    }
}
