//! `disableUser`, `disableUsers`: accounts cannot sign in any more, and their sessions and personal access tokens end at once.

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
    /// Disables an account. One that is disabled stays so, since when it was.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does
    /// not hold as much, [`Error::LastAdministrator`].
    pub async fn disable_user(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        self.disable_one(Changer::Caller(caller), user, client).await
    }

    /// The same, whoever's account it is, as an operator asks for it on the command line.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::LastAdministrator`].
    pub async fn disable_user_by_operator(&self, user: UserId) -> Result<(User, Effect), Error> {
        self.disable_one(Changer::Operator, user, &Client::default()).await
    }

    async fn disable_one(&self, by: Changer<'_>, user: UserId, client: &Client) -> Result<(User, Effect), Error> {
        let tx = self.begin(by).await?;
        let watch = self.watch_administrators(&tx).await?;
        let (disabled, ended) = self.disable(&tx, by, user, client).await?;
        watch.somebody_stays(&tx).await?;
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(%by, %user, ended, "account disabled");
        Ok((disabled, effect))
    }

    /// Disables all of these accounts, or none.
    ///
    /// # Errors
    ///
    /// As [`Accounts::disable_user`], as an [`Error::Item`] where it is about one of them; [`Error::Invalid`] for too many.
    pub async fn disable_users(
        &self,
        caller: &Principal,
        users: &[UserId],
        client: &Client,
    ) -> Result<(Vec<User>, Effect), Error> {
        let targets = targets(users)?;
        let tx = self.begin(caller).await?;
        let watch = self.watch_administrators(&tx).await?;
        let (mut disabled, mut ended) = (Vec::with_capacity(targets.len()), 0);
        for target in targets {
            let (user, sessions) =
                self.disable(&tx, caller.into(), target.user, client).await.map_err(|it| target.blame(it))?;
            disabled.push(user);
            ended += sessions;
        }
        watch.somebody_stays(&tx).await?;
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(by = %caller.user(), accounts = disabled.len(), ended, "accounts disabled");
        Ok((as_named(users, disabled), effect))
    }

    /// The account as it is now, and how many sessions ended.
    async fn disable(&self, tx: &Tx, by: Changer<'_>, user: UserId, client: &Client) -> Result<(User, u64), Error> {
        let now = self.clock.now();
        self.touchable(tx, by, user).await?;
        let before = store::users::find(tx, user).await?;
        let disabled = store::users::set_disabled(tx, user, Some(now), now).await?;
        let disabled = disabled.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserDisabled, by.actor(), client).on(user);
        tx.note(entry.changing(before.as_ref().map(Standing::of_state), Standing::of_state(&disabled)));
        let ended = store::sessions::end_all(tx, user, None, now).await?;
        // Neither a code nor a token from before must work after the account is enabled again.
        store::password_resets::void(tx, user).await?;
        self.revoke_all_tokens(tx, user, &Client::default()).await?;
        Ok((disabled, ended))
    }
}
