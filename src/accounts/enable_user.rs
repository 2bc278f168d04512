//! `enableUser`: a disabled account can sign in again. Its old sessions stay ended.

use super::{Accounts, changer::Changer, effect::Effect, error::Error};
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
    pub async fn enable_user(&self, caller: &Principal, user: UserId) -> Result<(User, Effect), Error> {
        self.enable(Changer::Caller(caller), user).await
    }

    /// The same, whoever's account it is, as an operator asks for it on the command line.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account.
    pub async fn enable_user_by_operator(&self, user: UserId) -> Result<(User, Effect), Error> {
        self.enable(Changer::Operator, user).await
    }

    async fn enable(&self, by: Changer<'_>, user: UserId) -> Result<(User, Effect), Error> {
        let tx = self.store.write().await?;
        self.watch_administrators(&tx).await?;
        self.touchable(&tx, by, user).await?;
        let enabled = store::users::set_disabled(&tx, user, None, self.clock.now()).await?;
        let enabled = enabled.ok_or(Error::NotFound("userId"))?;
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(%by, %user, "account enabled");
        Ok((enabled, effect))
    }
}
