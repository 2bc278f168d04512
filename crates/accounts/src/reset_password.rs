//! `resetPassword`: a person who was handed a code sets a new password with it, once.
//!
//! A code has 256 random bits, so trying does not find one. It is looked up first: without a good one no password is looked
//! at, and the answer is the same whatever the password is.

use super::{Accounts, error::Error, guessing::countable};
use fieldguard_auth::{
    hasher::{Claim, Trust},
    reset_code,
};
use fieldguard_domain::{
    audit::{Action, Actor},
    security_event::SecurityEventKind,
    session::Client,
    user::User,
};
use fieldguard_store as store;

impl Accounts {
    /// Sets the password of the account that the code was made for, and ends its sessions and
    /// personal access tokens. Answers the account.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a password that breaks a rule, which leaves the code as it is, [`Error::InvalidResetCode`]
    /// for every reason that lies in the code or its account, [`Error::Busy`] where too many passwords are being hashed.
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
        // It may have been disabled, or the code used, replaced or voided, while the hash was computed.
        let held = store::users::hold(&tx, found.id).await?;
        let Some(user) = held.map(|it| it.user).filter(User::may_sign_in) else { return refuse() };
        if !store::password_resets::consume(&tx, user.id, &code_hash, now).await? {
            return refuse();
        }
        store::users::set_hash(&tx, user.id, &hash, now).await?;
        let ended = store::sessions::end_all(&tx, user.id, None, now).await?;
        self.revoke_all_tokens(&tx, user.id, client).await?;
        self.forgive(&tx, &user).await?;
        let kind = SecurityEventKind::PasswordReset;
        store::security_events::record(&tx, user.id, kind, None, client, now).await?;
        tx.note(self.entry(Action::PasswordReset, Actor::Anonymous, client).on(user.id));
        self.commit(tx).await?;
        tracing::info!(user = %user.id, ended, "password reset");
        Ok(user)
    }
}

fn refuse<T>() -> Result<T, Error> {
    tracing::info!("password reset refused: the code is not good");
    Err(Error::InvalidResetCode)
}
