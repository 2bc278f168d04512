//! `enableUser`: a disabled account can sign in again. Its old sessions stay ended.

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
    /// Enables an account. One that is enabled stays so.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::AdministratorsOnly`] where it is an administrator's and the
    /// caller is none.
    pub async fn enable_user(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let tx = self.store.write().await?;
        self.watch_administrators(&tx).await?;
        self.touchable(&tx, caller, user).await?;
        let before = store::users::find(&tx, user).await?;
        let enabled = store::users::set_disabled(&tx, user, None, self.clock.now()).await?;
        let enabled = enabled.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserEnabled, Actor::caller(caller), client).on(user);
        tx.note(entry.changing(before.as_ref().map(Standing::of_state), Standing::of_state(&enabled)));
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(by = %caller.user(), %user, "account enabled");
        Ok((enabled, effect))
    }
}
