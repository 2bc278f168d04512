//! `requestPasswordReset`: a user who forgot their password asks for a code by mail.
//!
//! The request only stores the address. Whether an account has the address is looked up later, when the mail is
//! prepared ([`prepare_mail`](super::prepare_mail)), so that neither the answer nor its time reveals it.

use chrono::TimeDelta;

use super::{Accounts, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    email::EmailAddress,
    id::MailId,
    session::Client,
};
use fieldguard_store as store;

impl Accounts {
    /// Requests a mail with a password reset code. Returns how long the code will be valid, if it is sent: to the verified
    /// address of a user who may sign in.
    ///
    /// # Errors
    ///
    /// [`Error::MailDisabled`], [`Error::Invalid`] for text that is no address, [`Error::RateLimited`] after too many
    /// requests from that client or for that address.
    pub async fn request_password_reset(&self, email: &str, client: &Client) -> Result<TimeDelta, Error> {
        self.require_mail()?;
        let email = EmailAddress::parse(email)?;
        self.count_reset_request(&email, client).await?;
        let now = self.clock.now();
        let tx = self.store.write().await?;
        store::mails::add_reset_request(&tx, MailId::new(now), &email, now).await?;
        tx.note(self.entry(Action::PasswordResetRequested, Actor::Anonymous, client));
        tx.commit().await?;
        Ok(self.policy.reset_lifetime)
    }
}
