//! `verifyEmail`: a user proves that they read the mail of their address.
//!
//! The caller must be signed in to the account. Otherwise a person who opens a link in a mail that they did not ask for would
//! verify the address of an account that a stranger registered with it.

use super::{Accounts, error::Error};
use fieldguard_auth::email_code;
use fieldguard_domain::{
    audit::{Action, Actor},
    principal::Principal,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, email_codes::Purpose};

impl Accounts {
    /// Marks the caller's address as verified, if the code was sent to it. Returns the user.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidEmailCode`] for every reason in the code, [`Error::InvalidToken`] where the caller may no longer act.
    pub async fn verify_email(&self, caller: &Principal, code: &str, client: &Client) -> Result<User, Error> {
        let code_hash = email_code::hash_of(code).ok_or(Error::InvalidEmailCode)?;
        let now = self.clock.now();
        let tx = self.begin_own(caller).await?;
        let user = store::users::hold(&tx, caller.user()).await?.ok_or(Error::InvalidToken)?.user;
        let code = store::email_codes::find(&tx, Purpose::Verify, &code_hash, now).await?;
        let is_current = |email: &str| user.email.as_ref().is_some_and(|current| current.key() == email);
        let code = code.filter(|code| code.user == user.id && is_current(code.email.key()));
        let code = code.ok_or(Error::InvalidEmailCode)?;
        if !store::email_codes::consume(&tx, &code).await? {
            return Err(Error::InvalidEmailCode);
        }
        let user = store::users::set_email_verified(&tx, user.id, Some(now), now).await?.ok_or(Error::InvalidToken)?;
        let entry = self.entry(Action::EmailVerified, Actor::caller(caller), client).on(user.id);
        tx.note(entry.because("emailVerified"));
        self.commit_profile(tx, user.id).await?;
        tracing::info!(user = %user.id, "email address verified");
        Ok(user)
    }
}
