//! `enableUser`, `enableUsers`: disabled accounts can sign in again. Their old sessions stay ended.

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
    principal::Principal,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Enables an account. One that is enabled stays so. In a fresh session, the failures counted against it are forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does
    /// not hold as much, [`Error::NotToReopen`] where it has a permission the caller lacks.
    pub async fn enable_user(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        self.enable_one(Changer::Caller(caller), user, client).await
    }

    /// The same, whoever's account it is, as an operator asks for it on the command line.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account.
    pub async fn enable_user_by_operator(&self, user: UserId) -> Result<(User, Effect), Error> {
        self.enable_one(Changer::Operator, user, &Client::default()).await
    }

    async fn enable_one(&self, by: Changer<'_>, user: UserId, client: &Client) -> Result<(User, Effect), Error> {
        let tx = self.begin(by).await?;
        self.watch_administrators(&tx).await?;
        let enabled = self.enable(&tx, by, user, client).await?;
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(%by, %user, "account enabled");
        Ok((enabled, effect))
    }

    /// Enables all of these accounts, or none.
    ///
    /// # Errors
    ///
    /// As [`Accounts::enable_user`], as an [`Error::Item`] where it is about one of them; [`Error::Invalid`] for too many.
    pub async fn enable_users(
        &self,
        caller: &Principal,
        users: &[UserId],
        client: &Client,
    ) -> Result<(Vec<User>, Effect), Error> {
        let targets = targets(users)?;
        let tx = self.begin(caller).await?;
        self.watch_administrators(&tx).await?;
        let mut enabled = Vec::with_capacity(targets.len());
        for target in targets {
            enabled.push(self.enable(&tx, caller.into(), target.user, client).await.map_err(|it| target.blame(it))?);
        }
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(by = %caller.user(), accounts = enabled.len(), "accounts enabled");
        Ok((as_named(users, enabled), effect))
    }

    async fn enable(&self, tx: &Tx, by: Changer<'_>, user: UserId, client: &Client) -> Result<User, Error> {
        self.reopenable(tx, by, user).await?;
        let before = store::users::find(tx, user).await?;
        let enabled = store::users::set_disabled(tx, user, None, self.clock.now()).await?;
        let enabled = enabled.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserEnabled, by.actor(), client).on(user);
        tx.note(entry.changing(before.as_ref().map(Standing::of_state), Standing::of_state(&enabled)));
        // Whoever tried in vain while it was disabled does not wait now that it is not.
        self.forgive_if_fresh(tx, by, &enabled).await?;
        Ok(enabled)
    }
}
