//! `enableUser`: a disabled account can sign in again. Its old sessions stay ended.

use super::{Accounts, effect::Effect, error::Error};
use crate::{
    domain::{id::UserId, principal::Principal, user::User},
    store,
};

impl Accounts {
    /// Enables an account. One that is enabled stays so.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does
    /// not hold as much.
    pub async fn enable_user(&self, caller: &Principal, user: UserId) -> Result<(User, Effect), Error> {
        let tx = self.store.write().await?;
        self.watch_administrators(&tx).await?;
        self.touchable(&tx, caller, user).await?;
        let enabled = store::users::set_disabled(&tx, user, None, self.clock.now()).await?;
        let enabled = enabled.ok_or(Error::NotFound("userId"))?;
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(by = %caller.user(), %user, "account enabled");
        Ok((enabled, effect))
    }
}
