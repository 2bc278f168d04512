//! `disableUser`: an account cannot sign in any more, and its sessions end at once.

use super::{Accounts, effect::Effect, error::Error};
use crate::{
    domain::{
        audit::{Action, Actor, Standing},
        id::UserId,
        principal::Principal,
        session::Client,
        user::User,
    },
    store,
};

impl Accounts {
    /// Disables an account. One that is disabled stays so, since when it was.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::AdministratorsOnly`] where it is an administrator's and the
    /// caller is none, [`Error::LastAdministrator`].
    pub async fn disable_user(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let now = self.clock.now();
        let tx = self.store.write().await?;
        let watch = self.watch_administrators(&tx).await?;
        self.touchable(&tx, caller, user).await?;
        let before = store::users::find(&tx, user).await?;
        let disabled = store::users::set_disabled(&tx, user, Some(now), now).await?;
        let disabled = disabled.ok_or(Error::NotFound("userId"))?;
        let ended = store::sessions::end_all(&tx, user, None, now).await?;
        // A code from before must not work after the account is enabled again.
        store::password_resets::void(&tx, user).await?;
        watch.somebody_stays(&tx).await?;
        let entry = self.entry(Action::UserDisabled, Actor::caller(caller), client).on(user);
        tx.note(entry.changing(before.as_ref().map(Standing::of_state), Standing::of_state(&disabled)));
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(by = %caller.user(), %user, ended, "account disabled");
        Ok((disabled, effect))
    }
}
