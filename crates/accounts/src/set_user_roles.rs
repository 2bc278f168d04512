//! `setUserRoles`, `setUsersRoles`: accounts get exactly these roles.

use std::collections::BTreeSet;

use super::{
    Accounts,
    changer::Changer,
    effect::Effect,
    error::Error,
    many::{as_named, targets},
};
use fieldguard_domain::{
    audit::{Action, Standing},
    id::UserId,
    invalid::{Invalid, Reason},
    principal::Principal,
    role::{self, Role, RoleName},
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Replaces the roles of an account. The new rights hold for every request that starts after the answer. What the account
    /// holds already it can keep, and whoever may touch it can take any role from it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Invalid`] for an unknown role, [`Error::Protected`] where the
    /// account is, and the caller does not hold as much, [`Error::BeyondOwn`] where a role that is new to it permits what the
    /// caller may not, [`Error::NotFresh`] where the account gets a role or a permission that it lacks, or is protected no longer,
    /// in a session that is not fresh,
    /// [`Error::LastAdministrator`].
    pub async fn set_user_roles(
        &self,
        caller: &Principal,
        user: UserId,
        roles: &[String],
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let roles = parsed(roles)?;
        self.change_roles(Changer::Caller(caller), user, client, |_| Ok(roles)).await
    }

    /// Replaces the roles of all of these accounts by the same ones, or of none.
    ///
    /// # Errors
    ///
    /// As [`Accounts::set_user_roles`], as an [`Error::Item`] where it is about one of them; [`Error::Invalid`] for too many.
    pub async fn set_users_roles(
        &self,
        caller: &Principal,
        users: &[UserId],
        roles: &[String],
        client: &Client,
    ) -> Result<(Vec<User>, Effect), Error> {
        let (roles, targets) = (parsed(roles)?, targets(users)?);
        let tx = self.begin(caller).await?;
        let watch = self.watch_administrators(&tx).await?;
        let (mut changed, mut sessions) = (Vec::with_capacity(targets.len()), 0);
        for target in targets {
            let done = self.assign(&tx, caller.into(), target.user, client, |_| Ok(roles.clone())).await;
            let (user, touched, _) = done.map_err(|error| match error {
                // The roles are the same for all.
                Error::Invalid(_) => error,
                other => target.blame(other),
            })?;
            changed.push(user);
            sessions += touched;
        }
        watch.somebody_stays(&tx).await?;
        let effect = self.commit_change(tx, sessions).await?;
        tracing::info!(by = %caller.user(), accounts = changed.len(), roles = spelled(&roles), "roles of accounts set");
        Ok((as_named(users, changed), effect))
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
        let (give, take) = (parsed(give)?, parsed(take)?);
        let wanted = |held: &[Role]| {
            let mut names: BTreeSet<_> = held.iter().map(|role| role.name.clone()).collect();
            if let Some(name) = take.iter().find(|name| !names.remove(*name)) {
                return Err(Invalid::new(
                    "roles",
                    Reason::NotHeld,
                    format!("The account does not hold the role `{name}`."),
                )
                .into());
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
        let (target, sessions, roles) = self.assign(&tx, by, user, client, wanted).await?;
        watch.somebody_stays(&tx).await?;
        let effect = self.commit_change(tx, sessions).await?;
        tracing::info!(%by, %user, roles = spelled(&roles), "roles set");
        Ok((target, effect))
    }

    /// The account, how many of its sessions have other rights now, and the roles that it holds.
    async fn assign(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        user: UserId,
        client: &Client,
        wanted: impl FnOnce(&[Role]) -> Result<BTreeSet<RoleName>, Error>,
    ) -> Result<(User, u64, Vec<RoleName>), Error> {
        let target = store::users::find(tx, user).await?.ok_or(Error::NotFound("userId"))?;
        let held = self.touchable(tx, by, user).await?;
        let roles = Vec::from_iter(wanted(&held)?);
        let wanted = self.givable(tx, by, &held, &roles).await?;
        if role::widen(&held, &wanted) || role::expose(&held, &wanted) {
            by.prove_fresh()?;
        }
        store::roles::assign(tx, user, &roles).await?;
        // Whoever may reset the account as it was may not be one who may reset it as it is.
        store::password_resets::void(tx, user).await?;
        let sessions = store::sessions::live_of(tx, user, self.clock.now()).await?;
        let after = Standing::holding(roles.iter().map(RoleName::as_str));
        let entry = self.entry(Action::UserRolesSet, by.actor(), client).on(user);
        tx.note(entry.changing(Standing::of_roles(&held), after));
        Ok((target, sessions, roles))
    }
}

fn parsed(names: &[String]) -> Result<BTreeSet<RoleName>, Invalid> {
    names.iter().map(|name| RoleName::parse(name)).collect()
}

fn spelled<'a>(roles: impl IntoIterator<Item = &'a RoleName>) -> String {
    roles.into_iter().map(RoleName::as_str).collect::<Vec<_>>().join(" ")
}
