//! Prepares a claimed mail for sending. A request for a password reset is decided here: whether an account has the address,
//! and whether it gets a code.

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    email::EmailAddress,
    mail::{Mail, MailKind, MailedCode},
    session::Client,
    user::User,
};
use fieldguard_store::{
    self as store,
    mails::{Claimed, Queued},
};

impl Accounts {
    /// The mail to send. `None` if there is none: its code has expired, no user gets the requested code, or a newer version
    /// queued it and will send it.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails. The mail is then prepared again when its lease has expired.
    pub async fn prepare_mail(&self, claimed: &Claimed) -> Result<Option<Mail>, Error> {
        match &claimed.queued {
            None => Ok(None),
            Some(Queued::Mail(mail)) if mail.content.is_expired(self.clock.now()) => {
                let tx = self.store.write().await?;
                store::mails::delete(&tx, claimed).await?;
                tx.commit().await?;
                tracing::warn!(mail = %mail.id, kind = mail.kind.as_str(), "mail not sent: its code has expired");
                Ok(None)
            }
            Some(Queued::Mail(mail)) => Ok(Some(mail.clone())),
            Some(Queued::ResetRequest { address, queued_at }) => {
                Box::pin(self.answer_reset_request(claimed, address, *queued_at)).await
            }
        }
    }

    /// Creates the requested code for the account with this address.
    async fn answer_reset_request(
        &self,
        claimed: &Claimed,
        address: &str,
        queued_at: DateTime<Utc>,
    ) -> Result<Option<Mail>, Error> {
        let found = self.entitled(address).await?;
        let tx = self.store.write().await?;
        let now = self.clock.now();
        let user = match found {
            // A request that could not be answered for so long would surprise the user.
            Some(user) if now < queued_at + self.policy.reset_lifetime => {
                let held = store::users::hold(&tx, user.id).await?.map(|held| held.user);
                held.filter(|held| held.may_sign_in() && held.verified_email() == user.verified_email())
            }
            _ => None,
        };
        let Some(user) = user else {
            store::mails::delete(&tx, claimed).await?;
            tx.commit().await?;
            return Ok(None);
        };
        let (code, expires_at) = self.create_reset_code(&tx, user.id, now).await?;
        let mut content = self.mail_content(&tx, &user, now).await?;
        content.set_code(MailedCode { code: code.expose(), expires_at });
        let recipient = user.email.as_ref().map_or_else(String::new, |email| email.as_str().to_owned());
        let mail = Mail { id: claimed.id, kind: MailKind::PasswordReset, user: user.id, recipient, content, queued_at };
        // Another process that claimed it after this one decides.
        if !store::mails::complete(&tx, claimed, &mail).await? {
            return Ok(None);
        }
        let entry = self.entry(Action::PasswordResetIssued, Actor::Server, &Client::default());
        tx.note(entry.on(user.id).because("requested by mail"));
        tx.commit().await?;
        Ok(Some(mail))
    }

    /// The user with this address who may get a code for it: the address is verified, the user may sign in, and got few
    /// codes lately.
    async fn entitled(&self, address: &str) -> Result<Option<User>, Error> {
        let Ok(address) = EmailAddress::parse(address) else { return Ok(None) };
        let found = store::users::with_email(&self.store, address.key()).await?;
        let Some(user) = found.filter(|user| user.may_sign_in() && user.verified_email().is_some()) else {
            return Ok(None);
        };
        match self.count_code_mail(user.id).await {
            Ok(()) => Ok(Some(user)),
            Err(Error::RateLimited { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
