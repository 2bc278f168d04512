//! `enableUser`: a disabled account can sign in again. Its old sessions stay ended.

use super::{Accounts, error::Error};
use crate::{
    domain::{id::UserId, principal::Principal, user::User},
    store,
};

impl Accounts {
    /// Enables an account. One that is enabled stays so.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::AdministratorsOnly`] where it is an administrator's and the
    /// caller is none.
    pub async fn enable_user(&self, caller: &Principal, user: UserId) -> Result<User, Error> {
        let tx = self.store.write().await?;
        self.watch_administrators(&tx).await?;
        self.touchable(&tx, caller, user).await?;
        let enabled = store::users::set_disabled(&tx, user, None, self.clock.now()).await?;
        let enabled = enabled.ok_or(Error::NotFound("userId"))?;
        self.commit(tx).await?;
        tracing::info!(by = %caller.user(), %user, "account enabled");
        Ok(enabled)
    }
}
