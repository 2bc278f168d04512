//! `deleteUser`, `deleteUsers`: accounts are deleted after some days in which that can be undone. Until then they cannot
//! sign in; afterwards [`purge_deleted`](Accounts::purge_deleted) takes all that is known of them away.

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
    /// Schedules the deletion of an account, and ends its sessions, its personal access tokens and its code at once. One that is scheduled stays so, for
    /// when it was.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does
    /// not hold as much, [`Error::NotFresh`] where it is the caller's own and the session is not fresh,
    /// [`Error::LastAdministrator`].
    pub async fn delete_user(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let tx = self.begin(caller).await?;
        let watch = self.watch_administrators(&tx).await?;
        let (scheduled, ended) = self.schedule_deletion(&tx, caller, user, client).await?;
        watch.somebody_stays(&tx).await?;
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(by = %caller.user(), %user, ended, "deletion of an account scheduled");
        Ok((scheduled, effect))
    }

    /// Schedules the deletion of all of these accounts, or of none.
    ///
    /// # Errors
    ///
    /// As [`Accounts::delete_user`], as an [`Error::Item`] where it is about one of them; [`Error::Invalid`] for too many.
    pub async fn delete_users(
        &self,
        caller: &Principal,
        users: &[UserId],
        client: &Client,
    ) -> Result<(Vec<User>, Effect), Error> {
        let targets = targets(users)?;
        let tx = self.begin(caller).await?;
        let watch = self.watch_administrators(&tx).await?;
        let (mut scheduled, mut ended) = (Vec::with_capacity(targets.len()), 0);
        for target in targets {
            let done = self.schedule_deletion(&tx, caller, target.user, client).await;
            let (user, sessions) = done.map_err(|it| target.blame(it))?;
            scheduled.push(user);
            ended += sessions;
        }
        watch.somebody_stays(&tx).await?;
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(by = %caller.user(), accounts = scheduled.len(), ended, "deletion of accounts scheduled");
        Ok((as_named(users, scheduled), effect))
    }

    /// The account as it is now, and how many sessions ended.
    async fn schedule_deletion(
        &self,
        tx: &Tx,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, u64), Error> {
        let now = self.shared_now(tx).await?;
        self.touchable(tx, caller, user).await?;
        // As `deleteAccount` does: that this deletion can be undone for a while helps nobody who is not there to see it.
        if caller.is(user) && !caller.is_fresh() {
            return Err(Error::NotFresh);
        }
        let before = store::users::find(tx, user).await?;
        let due = now + self.policy.deletion_grace;
        let scheduled = store::users::set_deletion_due(tx, user, Some(due), now).await?;
        let scheduled = scheduled.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserDeletionScheduled, Actor::caller(caller), client).on(user);
        tx.note(entry.changing(before.as_ref().map(Standing::of_state), Standing::of_state(&scheduled)));
        let ended = store::sessions::end_all(tx, user, None, now).await?;
        // Neither a code nor a token from before must work after the account is restored.
        store::password_resets::void(tx, user).await?;
        self.revoke_all_tokens(tx, user, &Client::default()).await?;
        if ended > 0 {
            // From where the administrator did it is not for the owner to know.
            self.note_end(tx, user, None, &Client::default()).await?;
        }
        Ok((scheduled, ended))
    }
}
