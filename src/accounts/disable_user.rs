//! `disableUser`: an account cannot sign in any more, and its sessions and personal access tokens end at once.

use super::{Accounts, effect::Effect, error::Error};
use crate::{
    domain::{id::UserId, principal::Principal, session::Client, user::User},
    store,
};

impl Accounts {
    /// Disables an account. One that is disabled stays so, since when it was.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does
    /// not hold as much, [`Error::LastAdministrator`].
    pub async fn disable_user(&self, caller: &Principal, user: UserId) -> Result<(User, Effect), Error> {
        let now = self.clock.now();
        let tx = self.store.write().await?;
        let watch = self.watch_administrators(&tx).await?;
        self.touchable(&tx, caller, user).await?;
        let disabled = store::users::set_disabled(&tx, user, Some(now), now).await?;
        let disabled = disabled.ok_or(Error::NotFound("userId"))?;
        let ended = store::sessions::end_all(&tx, user, None, now).await?;
        // Neither a code nor a token from before must work after the account is enabled again.
        store::password_resets::void(&tx, user).await?;
        self.revoke_all_tokens(&tx, user, &Client::default()).await?;
        watch.somebody_stays(&tx).await?;
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(by = %caller.user(), %user, ended, "account disabled");
        Ok((disabled, effect))
    }
}
