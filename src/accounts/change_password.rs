//! `changePassword`: a person who knows the old password sets a new one. All other sessions of the account end.

use super::{Accounts, error::Error};
use crate::{
    auth::hasher::Verdict,
    domain::{email::EmailAddress, password::Password, principal::Principal, session::Client, user::User},
    store::{self, users::Credentials},
};

impl Accounts {
    /// Sets a new password and ends every session but the caller's. Answers the account and how many sessions ended.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] where the current password is wrong, which counts as a failed sign-in,
    /// [`Error::RateLimited`] after too many of those, [`Error::Invalid`] for a new one that breaks a rule, [`Error::Busy`]
    /// where too many passwords are being hashed.
    pub async fn change_password(
        &self,
        caller: &Principal,
        current: String,
        new: String,
        client: &Client,
    ) -> Result<(User, u64), Error> {
        let known = self.prove(caller, current, client).await?;
        let email = known.user.email.as_ref().map_or("", EmailAddress::as_str);
        let context = [known.user.username.as_str(), email];
        let mut password = Password::parse(new, self.policy.password, &context);
        if let Err(invalid) = &mut password {
            invalid.field = "newPassword";
        }
        let hash = self.hash(password?).await?;

        let now = self.clock.now();
        let tx = self.store.write().await?;
        // Of two changes that both proved the old password, the second finds it gone.
        if !store::users::replace_hash(&tx, caller.user(), &known.hash, &hash, now).await? {
            return Err(Error::InvalidCredentials);
        }
        let ended = store::sessions::end_all(&tx, caller.user(), Some(caller.session()), now).await?;
        self.commit(tx).await?;
        tracing::info!(user = %caller.user(), ended, "password changed");
        Ok((known.user, ended))
    }

    /// The caller's credentials, once the password presented has proved right. A wrong one counts as a failed sign-in.
    pub(super) async fn prove(
        &self,
        caller: &Principal,
        presented: String,
        client: &Client,
    ) -> Result<Credentials, Error> {
        let place = self.hasher.reserve()?;
        let found = store::users::credentials_of(&self.store, caller.user()).await?.ok_or(Error::InvalidCredentials)?;
        let attempt = self.attempt(found.user.username.key(), Some(caller.user()), client).await?;
        let verdict = place.verify(Password::presented(presented), Some(found.hash.clone())).await?;
        if matches!(verdict, Verdict::Wrong) {
            return Err(Error::InvalidCredentials);
        }
        let tx = self.store.write().await?;
        attempt.succeeded(&tx, self.clock.now()).await?;
        tx.commit().await?;
        Ok(found)
    }
}
