//! Mails that follow from changes. Each is queued in the transaction of its change, so that it is sent if and only if the
//! change is made. Codes go to the address that they are about; notices only to a verified address, because another could
//! be a stranger's.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Accounts, error::Error};
use fieldguard_auth::email_code::EmailCode;
use fieldguard_domain::{
    email::EmailAddress,
    id::MailId,
    mail::{Mail, MailBacklog, MailContent, MailKind, MailedCode},
    profile::Locale,
    user::User,
};
use fieldguard_store::{self as store, Tx, email_codes::Purpose};

/// How long a code that verifies an address is valid.
pub const VERIFICATION_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long a change of the address can be undone from the former one.
pub const UNDO_LIFETIME: TimeDelta = TimeDelta::hours(72);

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct MailPolicy {
    /// How long a process may take for one attempt. After that, another process may make the next.
    pub lease: TimeDelta,
}

impl Accounts {
    /// Whether the server sends mail.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.policy.mail.is_some()
    }

    /// The number of pending mails, and how many seconds the oldest has waited. Mails of all replicas.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn mail_backlog(&self) -> Result<(MailBacklog, u64), Error> {
        let backlog = store::mails::backlog(&self.store).await?;
        let waited = backlog.oldest_pending.map_or(0, |since| (self.clock.now() - since).num_seconds());
        Ok((backlog, u64::try_from(waited).unwrap_or(0)))
    }

    /// Refuses what needs mail on a server that sends none.
    pub(super) fn require_mail(&self) -> Result<(), Error> {
        if self.sends_mail() { Ok(()) } else { Err(Error::MailDisabled) }
    }

    /// Tells the account owner, if the address is verified.
    pub(super) async fn notify(&self, tx: &Tx, user: &User, kind: MailKind) -> Result<(), Error> {
        match user.verified_email() {
            Some(address) => self.queue(tx, user, address, kind, |_| {}).await,
            None => Ok(()),
        }
    }

    /// The same for a new personal access token with this name.
    pub(super) async fn notify_of_token(&self, tx: &Tx, user: &User, name: &str) -> Result<(), Error> {
        let Some(address) = user.verified_email() else { return Ok(()) };
        let kind = MailKind::PersonalAccessTokenCreated;
        self.queue(tx, user, address, kind, |content| content.token = Some(name.to_owned())).await
    }

    /// Queues a mail with a code that resets the password.
    pub(super) async fn mail_reset_code(&self, tx: &Tx, user: &User, code: MailedCode) -> Result<(), Error> {
        let Some(address) = &user.email else { return Ok(()) };
        self.queue(tx, user, address, MailKind::PasswordReset, |content| content.set_code(code)).await
    }

    /// Sends a code that verifies the user's address, if there is an address and it is not verified. An earlier code is no
    /// longer valid.
    pub(super) async fn send_verification(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        let Some(address) = user.email.as_ref().filter(|_| user.email_verified_at.is_none() && self.sends_mail())
        else {
            return Ok(());
        };
        let code = self.create_email_code(tx, user, Purpose::Verify, address).await?;
        self.queue(tx, user, address, MailKind::EmailVerification, |content| content.set_code(code)).await
    }

    /// Sends the mails that follow from a change of the address: to the former one, if it was verified, and to the new one.
    /// The former one can undo the change if `is_own`: what an administrator decides stays.
    pub(super) async fn mail_new_address(
        &self,
        tx: &Tx,
        before: &User,
        after: &User,
        is_own: bool,
    ) -> Result<(), Error> {
        let key = |user: &User| user.email.as_ref().map(|email| email.key().to_owned());
        if key(before) == key(after) || !self.sends_mail() {
            return Ok(());
        }
        if let Some(former) = before.verified_email() {
            let code =
                if is_own { Some(self.create_email_code(tx, after, Purpose::Undo, former).await?) } else { None };
            let with_code = |content: &mut MailContent| code.into_iter().for_each(|code| content.set_code(code));
            self.queue(tx, after, former, MailKind::EmailChanged, with_code).await?;
        }
        self.send_verification(tx, after).await
    }

    async fn create_email_code(
        &self,
        tx: &Tx,
        user: &User,
        purpose: Purpose,
        address: &EmailAddress,
    ) -> Result<MailedCode, Error> {
        let (code, now) = (EmailCode::new(), self.clock.now());
        let expires_at = now
            + match purpose {
                Purpose::Verify => VERIFICATION_LIFETIME,
                Purpose::Undo => UNDO_LIFETIME,
            };
        store::email_codes::put(tx, user.id, purpose, (&code.hash(), address), expires_at, now).await?;
        Ok(MailedCode { code: code.expose(), expires_at })
    }

    /// Queues a mail. Does nothing on a server that sends none.
    async fn queue(
        &self,
        tx: &Tx,
        user: &User,
        address: &EmailAddress,
        kind: MailKind,
        complete: impl FnOnce(&mut MailContent) + Send,
    ) -> Result<(), Error> {
        if !self.sends_mail() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut content = self.mail_content(tx, user, now).await?;
        complete(&mut content);
        let recipient = address.as_str().to_owned();
        let mail = Mail { id: MailId::new(now), kind, user: user.id, recipient, content, queued_at: now };
        Ok(store::mails::add(tx, &mail).await?)
    }

    /// What every mail tells.
    pub(super) async fn mail_content(&self, tx: &Tx, user: &User, now: DateTime<Utc>) -> Result<MailContent, Error> {
        let profile = store::profiles::of_user(tx, user.id).await?;
        Ok(MailContent {
            username: user.username.as_str().to_owned(),
            locale: profile.locale.as_ref().map(Locale::as_str).map(str::to_owned),
            at: now,
            code: None,
            expires_at: None,
            token: None,
        })
    }
}
