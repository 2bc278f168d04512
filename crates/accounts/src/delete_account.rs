//! `deleteAccount`: a person leaves. Sessions and roles of the account go with it.

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor, Standing},
    id::UserId,
    principal::Principal,
    session::Client,
};
use fieldguard_store as store;

impl Accounts {
    /// Deletes the caller's own account, once the password has proved right. Answers its id.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] where the password is wrong, which counts as a failed sign-in, [`Error::RateLimited`]
    /// after too many of those, [`Error::RightsChanged`] where the caller lost rights or the session meanwhile,
    /// [`Error::LastAdministrator`] where nobody would be left to administer the server,
    /// [`Error::Busy`] where too many passwords are being hashed.
    pub async fn delete_account(
        &self,
        caller: &Principal,
        password: String,
        client: &Client,
    ) -> Result<(UserId, Effect), Error> {
        let (known, _) = self.prove(caller, password, client).await?;
        let tx = self.begin(caller).await?;
        let watch = self.watch_administrators(&tx).await?;
        let current = store::users::hold(&tx, caller.user()).await?;
        // The password may have been changed since it was proved.
        let current = current.filter(|it| it.hash == known.hash).ok_or(Error::InvalidCredentials)?;
        let sessions = store::sessions::live_of(&tx, caller.user(), self.clock.now()).await?;
        let roles = store::roles::of_user(&tx, caller.user()).await?;
        self.erase(&tx, &current.user).await?;
        watch.somebody_stays(&tx).await?;
        // Where its holder is goes with the account.
        let nowhere = Client { ip_address: None, ..client.clone() };
        let entry = self.entry(Action::UserDeleted, Actor::caller(caller), &nowhere).on(caller.user());
        tx.note(entry.changing(Standing::of_roles(&roles), None));
        let effect = self.commit_change(tx, sessions).await?;
        tracing::info!(user = %caller.user(), "account deleted");
        Ok((caller.user(), effect))
    }
}
