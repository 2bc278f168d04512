//! `resetPassword`: a user sets a new password with a code, once.
//!
//! A code has 256 random bits, so it cannot be guessed. It is checked first: without a valid code the password is not
//! looked at, and the answer does not depend on it.

use super::{Accounts, error::Error, guessing::countable};
use fieldguard_auth::{
    hasher::{Claim, Trust},
    reset_code,
};
use fieldguard_domain::{
    audit::{Action, Actor},
    mail::MailKind,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
};
use fieldguard_store as store;

impl Accounts {
    /// Sets the password of the account that the code was created for. Revokes its sessions and personal access tokens.
    /// Returns the account.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a password that breaks a rule, which leaves the code valid, [`Error::InvalidResetCode`]
    /// for every reason in the code or its account, [`Error::Busy`] if too many passwords are being hashed.
    pub async fn reset_password(&self, code: &str, new: String, client: &Client) -> Result<User, Error> {
        let code_hash = reset_code::hash_of(code);
        let found = match &code_hash {
            Some(hash) => store::password_resets::find(&self.store, hash, self.clock.now()).await?,
            None => None,
        };
        let found = found.filter(User::may_sign_in);
        let (Some(code_hash), Some(found)) = (code_hash, found) else { return refuse() };
        let claim = Claim { trust: Trust::Known, network: countable(client) };
        let hash = self.hash_new(self.new_password(new, &found)?, claim).await?;

        let now = self.clock.now();
        let tx = self.store.write().await?;
        // The account may have been disabled, or the code used, replaced or invalidated, while the hash was computed.
        let held = store::users::hold(&tx, found.id).await?;
        let Some(user) = held.map(|held| held.user).filter(User::may_sign_in) else { return refuse() };
        if !store::password_resets::consume(&tx, user.id, &code_hash, now).await? {
            return refuse();
        }
        store::users::set_hash(&tx, user.id, &hash, now).await?;
        let ended = store::sessions::revoke_all(&tx, user.id, None, now).await?;
        self.revoke_all_tokens(&tx, user.id, client).await?;
        self.reset_failures_and_addresses(&tx, &user).await?;
        let kind = SecurityEventAction::PasswordReset;
        store::security_events::record(&tx, user.id, kind, None, client, now).await?;
        self.notify(&tx, &user, MailKind::PasswordChanged).await?;
        tx.note(self.entry(Action::PasswordReset, Actor::Anonymous, client).on(user.id));
        self.commit(tx).await?;
        tracing::info!(user = %user.id, ended, "password reset");
        Ok(user)
    }
}

fn refuse<T>() -> Result<T, Error> {
    tracing::info!("password reset refused: the code is invalid");
    Err(Error::InvalidResetCode)
}
