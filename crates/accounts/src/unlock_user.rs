//! `unlockUser`: a person who typed the wrong password too often need not wait.

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
    /// Forgets the failed sign-ins that were counted against the account, at every replica at once. Those counted against an
    /// address stay: others may have made them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does
    /// not hold as much, [`Error::NotToReopen`] where it is the caller's own or has a permission the caller lacks.
    pub async fn unlock_user(&self, caller: &Principal, user: UserId, client: &Client) -> Result<User, Error> {
        let tx = self.begin(caller).await?;
        self.watch_administrators(&tx).await?;
        self.reopenable(&tx, caller.into(), user).await?;
        // Who holds a session that is left open guesses its password with `reauthenticate`.
        if caller.is(user) {
            return Err(Error::NotToReopen);
        }
        let unlocked = store::users::hold(&tx, user).await?.ok_or(Error::NotFound("userId"))?.user;
        self.forgive_failures(&tx, &unlocked).await?;
        tx.note(self.entry(Action::UserUnlocked, Actor::caller(caller), client).on(user));
        tx.commit().await?;
        tracing::info!(by = %caller.user(), %user, "account unlocked");
        Ok(unlocked)
    }
}
