//! `setUserRoles`: an account gets exactly these roles.

use std::collections::BTreeSet;

use super::{Accounts, effect::Effect, error::Error};
use crate::{
    domain::{
        audit::{Action, Actor, Standing},
        id::UserId,
        invalid::Invalid,
        principal::Principal,
        role::{ADMIN, RoleName},
        session::Client,
        user::User,
    },
    store,
};

impl Accounts {
    /// Replaces the roles of an account. The new rights hold for every request that starts after the answer.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Invalid`] for an unknown role, [`Error::AdministratorsOnly`]
    /// where the change concerns the role `admin` and the caller does not hold it, [`Error::LastAdministrator`].
    pub async fn set_user_roles(
        &self,
        caller: &Principal,
        user: UserId,
        roles: &[String],
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let roles = roles.iter().map(|name| RoleName::parse(name)).collect::<Result<BTreeSet<_>, _>>()?;
        let roles = Vec::from_iter(roles);
        if roles.iter().any(|it| it.as_str() == ADMIN) && !caller.has_role(ADMIN) {
            return Err(Error::AdministratorsOnly);
        }
        let tx = self.store.write().await?;
        let watch = self.watch_administrators(&tx).await?;
        let target = store::users::find(&tx, user).await?.ok_or(Error::NotFound("userId"))?;
        let before = self.touchable(&tx, caller, user).await?;
        let unknown = store::roles::assign(&tx, user, &roles).await?;
        if let Some(name) = unknown.first() {
            return Err(Invalid::new("roles", format!("There is no role `{name}`.")).into());
        }
        // Whoever may reset the account as it was may not be one who may reset it as it is.
        store::password_resets::void(&tx, user).await?;
        watch.somebody_stays(&tx).await?;
        let sessions = store::sessions::live_of(&tx, user, self.clock.now()).await?;
        let after = Standing::holding(roles.iter().map(RoleName::as_str));
        let entry = self.entry(Action::UserRolesSet, Actor::caller(caller), client).on(user);
        tx.note(entry.changing(Standing::of_roles(&before), after));
        let effect = self.commit_change(tx, sessions).await?;
        let names: Vec<_> = roles.iter().map(RoleName::as_str).collect();
        tracing::info!(by = %caller.user(), %user, roles = names.join(" "), "roles set");
        Ok((target, effect))
    }
}
