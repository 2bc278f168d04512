//! `restoreUser`, `restoreUsers`: accounts whose deletion was scheduled stay after all. Their old sessions stay ended.

use super::{
    Accounts,
    effect::Effect,
    error::Error,
    many::{as_named, targets},
};
use fieldguard_domain::{
    audit::{Action, Actor, Standing},
    id::UserId,
    principal::Principal,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Takes the scheduled deletion of an account back. It is as it was before: one that was disabled still is. One whose
    /// deletion is not scheduled stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account or one that is deleted, [`Error::TooLateToRestore`] where the time for it
    /// is over, [`Error::Protected`] where it is protected and the caller does not hold as much, [`Error::NotToReopen`] where
    /// it has a permission the caller lacks.
    pub async fn restore_user(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let tx = self.begin(caller).await?;
        self.watch_administrators(&tx).await?;
        let restored = self.restore(&tx, caller, user, client).await?;
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(by = %caller.user(), %user, "account restored");
        Ok((restored, effect))
    }

    /// Restores all of these accounts, or none.
    ///
    /// # Errors
    ///
    /// As [`Accounts::restore_user`], as an [`Error::Item`] where it is about one of them; [`Error::Invalid`] for too many.
    pub async fn restore_users(
        &self,
        caller: &Principal,
        users: &[UserId],
        client: &Client,
    ) -> Result<(Vec<User>, Effect), Error> {
        let targets = targets(users)?;
        let tx = self.begin(caller).await?;
        self.watch_administrators(&tx).await?;
        let mut restored = Vec::with_capacity(targets.len());
        for target in targets {
            restored.push(self.restore(&tx, caller, target.user, client).await.map_err(|it| target.blame(it))?);
        }
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(by = %caller.user(), accounts = restored.len(), "accounts restored");
        Ok((as_named(users, restored), effect))
    }

    async fn restore(&self, tx: &Tx, caller: &Principal, user: UserId, client: &Client) -> Result<User, Error> {
        let now = self.shared_now(tx).await?;
        self.reopenable(tx, caller.into(), user).await?;
        let held = store::users::hold(tx, user).await?.ok_or(Error::NotFound("userId"))?.user;
        if held.deletion_due_at.is_some_and(|due| due <= now) {
            // It was promised to be gone by now, whether or not that was done already.
            return Err(Error::TooLateToRestore);
        }
        let restored = store::users::set_deletion_due(tx, user, None, now).await?;
        let restored = restored.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserDeletionCanceled, Actor::caller(caller), client).on(user);
        tx.note(entry.changing(Standing::of_state(&held), Standing::of_state(&restored)));
        // Whoever tried in vain in the meantime does not wait now.
        self.forgive_if_fresh(tx, caller.into(), &restored).await?;
        Ok(restored)
    }
}
