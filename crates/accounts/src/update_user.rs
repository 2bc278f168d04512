//! `updateUser`: somebody else's name or address is changed.

use super::{
    Accounts,
    error::Error,
    update_profile::{ProfileChange, fields},
};
use fieldguard_domain::{
    audit::{Action, Actor},
    id::UserId,
    principal::Principal,
    session::Client,
    user::User,
};

impl Accounts {
    /// Changes an account. The owner is told that the address is another one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does
    /// not hold as much, [`Error::Invalid`] for a value that breaks a rule, [`Error::Taken`] for a name or address of another
    /// account, [`Error::RateLimited`] after too many addresses of other accounts, [`Error::NotFresh`] for another address in a session that is not fresh.
    pub async fn update_user(
        &self,
        caller: &Principal,
        user: UserId,
        change: ProfileChange,
        client: &Client,
    ) -> Result<User, Error> {
        let sets_address = matches!(change.email, Some(Some(_)));
        let changed = Box::pin(self.change_account(caller, user, &change, client));
        self.heeding_addresses(caller, sets_address, changed).await
    }

    async fn change_account(
        &self,
        caller: &Principal,
        user: UserId,
        change: &ProfileChange,
        client: &Client,
    ) -> Result<User, Error> {
        let tx = self.begin(caller).await?;
        self.watch_administrators(&tx).await?;
        self.touchable(&tx, caller, user).await?;
        // From where the administrator did it is not for the owner to know.
        let changed = self.change_profile(&tx, caller, user, change.parse()?, None, &Client::default()).await?;
        let (before, changed) = changed.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserUpdated, Actor::caller(caller), client).on(user);
        tx.note(entry.because(fields(&before, &changed)));
        self.commit_profile(tx, user).await?;
        tracing::info!(by = %caller.user(), %user, "account changed");
        Ok(changed)
    }
}
