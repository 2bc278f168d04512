//! `setUserRoles`: an account gets exactly these roles.

use std::collections::BTreeSet;

use super::{Accounts, changer::Changer, effect::Effect, error::Error};
use crate::{
    domain::{
        audit::{Action, Standing},
        id::UserId,
        invalid::Invalid,
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
        self.change_roles(Changer::Caller(caller), user, client, |_| Ok(roles)).await
    }

    /// Gives roles to an account and takes others away, as an operator asks for it on the command line.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Invalid`] for an unknown role or one to take away that is not held,
    /// [`Error::LastAdministrator`].
    pub async fn change_user_roles_by_operator(
        &self,
        user: UserId,
        give: &[String],
        take: &[String],
    ) -> Result<(User, Effect), Error> {
        let parse = |names: &[String]| names.iter().map(|name| RoleName::parse(name)).collect::<Result<Vec<_>, _>>();
        let (give, take) = (parse(give)?, parse(take)?);
        let wanted = |held: &[Role]| {
            let mut names: BTreeSet<_> = held.iter().map(|role| role.name.clone()).collect();
            if let Some(name) = take.iter().find(|name| !names.remove(*name)) {
                return Err(Invalid::new("roles", format!("The account does not hold the role `{name}`.")).into());
            }
            names.extend(give);
            Ok(names)
        };
        self.change_roles(Changer::Operator, user, &Client::default(), wanted).await
    }

    async fn change_roles(
        &self,
        by: Changer<'_>,
        user: UserId,
        client: &Client,
        wanted: impl FnOnce(&[Role]) -> Result<BTreeSet<RoleName>, Error>,
    ) -> Result<(User, Effect), Error> {
        let tx = self.begin(by).await?;
        let watch = self.watch_administrators(&tx).await?;
        let target = store::users::find(&tx, user).await?.ok_or(Error::NotFound("userId"))?;
        let held = self.touchable(&tx, by, user).await?;
        let roles = Vec::from_iter(wanted(&held)?);
        self.givable(&tx, by, &held, &roles).await?;
        let makes_administrator = roles.iter().any(|it| it.as_str() == ADMIN) && !held.iter().any(Role::is_admin);
        if makes_administrator && !by.is_fresh() {
            return Err(Error::NotFresh);
        }
        store::roles::assign(&tx, user, &roles).await?;
        // Whoever may reset the account as it was may not be one who may reset it as it is.
        store::password_resets::void(&tx, user).await?;
        watch.somebody_stays(&tx).await?;
        let sessions = store::sessions::live_of(&tx, user, self.clock.now()).await?;
        let after = Standing::holding(roles.iter().map(RoleName::as_str));
        let entry = self.entry(Action::UserRolesSet, by.actor(), client).on(user);
        tx.note(entry.changing(Standing::of_roles(&held), after));
        let effect = self.commit_change(tx, sessions).await?;
        let names: Vec<_> = roles.iter().map(RoleName::as_str).collect();
        tracing::info!(%by, %user, roles = names.join(" "), "roles set");
        Ok((target, effect))
    }
}
