//! `setUserRoles`: an account gets exactly these roles.

use std::collections::BTreeSet;

use super::{Accounts, effect::Effect, error::Error};
use crate::{
    domain::{
        id::UserId,
        invalid::Invalid,
        principal::Principal,
        role::{ADMIN, Role, RoleName},
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
    /// where the change concerns the role `admin` and the caller does not hold it, [`Error::NotFresh`] where it makes an
    /// administrator in a session that is not fresh, [`Error::LastAdministrator`].
    pub async fn set_user_roles(
        &self,
        caller: &Principal,
        user: UserId,
        roles: &[String],
    ) -> Result<(User, Effect), Error> {
        let roles = roles.iter().map(|name| RoleName::parse(name)).collect::<Result<BTreeSet<_>, _>>()?;
        let roles = Vec::from_iter(roles);
        if roles.iter().any(|it| it.as_str() == ADMIN) && !caller.has_role(ADMIN) {
            return Err(Error::AdministratorsOnly);
        }
        let tx = self.store.write().await?;
        let watch = self.watch_administrators(&tx).await?;
        let target = store::users::find(&tx, user).await?.ok_or(Error::NotFound("userId"))?;
        let held = self.touchable(&tx, caller, user).await?;
        let makes_administrator = roles.iter().any(|it| it.as_str() == ADMIN) && !held.iter().any(Role::is_admin);
        if makes_administrator && !caller.is_fresh() {
            return Err(Error::NotFresh);
        }
        let unknown = store::roles::assign(&tx, user, &roles).await?;
        if let Some(name) = unknown.first() {
            return Err(Invalid::new("roles", format!("There is no role `{name}`.")).into());
        }
        // Whoever may reset the account as it was may not be one who may reset it as it is.
        store::password_resets::void(&tx, user).await?;
        watch.somebody_stays(&tx).await?;
        let sessions = store::sessions::live_of(&tx, user, self.clock.now()).await?;
        let effect = self.commit_change(tx, sessions).await?;
        let names: Vec<_> = roles.iter().map(RoleName::as_str).collect();
        tracing::info!(by = %caller.user(), %user, roles = names.join(" "), "roles set");
        Ok((target, effect))
    }
}
