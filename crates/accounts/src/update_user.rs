//! `updateUser`: changes the name, email address or profile of another user's account.

use super::{Accounts, changer::Changer, error::Error, update_profile::ProfileChange};
use fieldguard_domain::{
    audit::{Action, Actor},
    id::UserId,
    principal::Principal,
    session::Client,
    user::User,
};

impl Accounts {
    /// Updates an account. If the email address changes, its owner is told.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] if it is protected and the caller lacks some of
    /// its permissions, [`Error::Invalid`] for a value that breaks a rule, [`Error::Taken`] for the name or address of
    /// another account, [`Error::RateLimited`] after too many addresses of other accounts, [`Error::NotFresh`] for a
    /// new or a verified address in a session that is not fresh, [`Error::NotToVouch`] for a verified address of the
    /// caller's own account or of one with permissions the caller lacks.
    pub async fn update_user(
        &self,
        caller: &Principal,
        user: UserId,
        change: ProfileChange,
        client: &Client,
    ) -> Result<User, Error> {
        let sets_address = matches!(change.email, Some(Some(_)));
        let changed = Box::pin(self.change_account(caller, user, change, client));
        self.limiting_address_probes(caller, sets_address, changed).await
    }

    async fn change_account(
        &self,
        caller: &Principal,
        user: UserId,
        change: ProfileChange,
        client: &Client,
    ) -> Result<User, Error> {
        let tx = self.begin(caller).await?;
        self.lock_administrators(&tx).await?;
        let roles = self.authorize_change(&tx, caller, user).await?;
        // The reader of a verified address gets a code that resets the password, as with `issuePasswordReset`.
        if change.email_verified == Some(true) {
            Changer::from(caller).require_fresh()?;
            if !Self::may_reset(caller, user, &roles) {
                return Err(Error::NotToVouch);
            }
        }
        // The account owner must not learn the administrator's address.
        let changed = self.change_profile(&tx, caller, user, change.parse()?, None, &Client::default()).await?;
        let changed = changed.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserUpdated, Actor::caller(caller), client).on(user);
        tx.note(entry.because(changed.fields()));
        self.commit_profile(tx, user).await?;
        tracing::info!(by = %caller.user(), %user, "account updated");
        Ok(changed.after)
    }
}
