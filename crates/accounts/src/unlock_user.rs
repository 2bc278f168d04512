//! `unlockUser`: lifts the lockout of a user who typed the wrong password too often.

use super::{Accounts, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    id::UserId,
    principal::Principal,
    session::Client,
    user::User,
};
use fieldguard_store as store;

impl Accounts {
    /// Resets the failed sign-ins counted against the account, at all replicas at once. Those counted against an
    /// address stay, because others may have made them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] if it is protected and the caller lacks some of
    /// its permissions, [`Error::ReactivationDenied`] if it is the caller's own or has a permission the caller lacks.
    pub async fn unlock_user(&self, caller: &Principal, user: UserId, client: &Client) -> Result<User, Error> {
        let tx = self.begin(caller).await?;
        self.lock_administrators(&tx).await?;
        self.authorize_reactivation(&tx, caller.into(), user).await?;
        // Otherwise anyone at an open session could guess its password with `reauthenticate`.
        if caller.is(user) {
            return Err(Error::ReactivationDenied);
        }
        let unlocked = store::users::hold(&tx, user).await?.ok_or(Error::NotFound("userId"))?.user;
        self.reset_failures(&tx, &unlocked).await?;
        tx.note(self.entry(Action::UserUnlocked, Actor::caller(caller), client).on(user));
        tx.commit().await?;
        tracing::info!(by = %caller.user(), %user, "account unlocked");
        Ok(unlocked)
    }
}
