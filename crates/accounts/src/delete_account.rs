//! `deleteAccount`: a user deletes their own account, with its sessions and roles.

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor, RecordedState},
    id::UserId,
    principal::Principal,
    session::Client,
};
use fieldguard_store as store;

impl Accounts {
    /// Deletes the caller's own account after verifying the password. Returns its id.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] if the password is wrong, which counts as a failed sign-in, [`Error::RateLimited`]
    /// after too many of those, [`Error::RightsChanged`] if the caller lost permissions or the session meanwhile,
    /// [`Error::LastAdministrator`] if no administrator would remain, [`Error::Busy`] if too many passwords are being
    /// hashed.
    pub async fn delete_account(
        &self,
        caller: &Principal,
        password: String,
        client: &Client,
    ) -> Result<(UserId, Effect), Error> {
        let (known, _) = self.prove(caller, password, client).await?;
        let tx = self.begin(caller).await?;
        let administrators = self.lock_administrators(&tx).await?;
        let current = store::users::hold(&tx, caller.user()).await?;
        // The password may have changed since it was verified.
        let current = current.filter(|account| account.hash == known.hash).ok_or(Error::InvalidCredentials)?;
        let sessions = store::sessions::live_of(&tx, caller.user(), self.clock.now()).await?;
        let roles = store::roles::of_user(&tx, caller.user()).await?;
        self.erase(&tx, &current.user).await?;
        administrators.require_one_left(&tx).await?;
        // The owner's address is deleted with the account.
        let no_client = Client { ip_address: None, ..client.clone() };
        let entry = self.entry(Action::UserDeleted, Actor::caller(caller), &no_client).on(caller.user());
        tx.note(entry.changing(RecordedState::of_roles(&roles), None));
        let effect = self.commit_change(tx, sessions).await?;
        tracing::info!(user = %caller.user(), "account deleted");
        Ok((caller.user(), effect))
    }
}
