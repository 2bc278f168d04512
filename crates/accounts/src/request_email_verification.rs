//! `requestEmailVerification`: a user asks for a code that verifies their email address.

use chrono::TimeDelta;

use super::{Accounts, error::Error, mail::VERIFICATION_LIFETIME};
use fieldguard_domain::{
    audit::{Action, Actor},
    principal::Principal,
    session::Client,
    user::User,
};
use fieldguard_store as store;

impl Accounts {
    /// Sends a code to the caller's address, unless it is verified already. An earlier code is no longer valid. Returns the
    /// user, and how long the code is valid.
    ///
    /// # Errors
    ///
    /// [`Error::MailDisabled`], [`Error::NoEmail`], [`Error::RateLimited`] after too many codes, and
    /// [`Error::InvalidToken`] where the caller may no longer act.
    pub async fn request_email_verification(
        &self,
        caller: &Principal,
        client: &Client,
    ) -> Result<(User, TimeDelta), Error> {
        self.require_mail()?;
        self.count_code_mail(caller.user()).await?;
        let tx = self.begin_own(caller).await?;
        let user = store::users::hold(&tx, caller.user()).await?.ok_or(Error::InvalidToken)?.user;
        if user.email.is_none() {
            return Err(Error::NoEmail);
        }
        self.send_verification(&tx, &user).await?;
        tx.note(self.entry(Action::EmailVerificationRequested, Actor::caller(caller), client).on(user.id));
        tx.commit().await?;
        Ok((user, VERIFICATION_LIFETIME))
    }
}
