//! `undoEmailChange`: the owner of the former address takes an account back after its address was changed.
//!
//! The code went to an address that was verified. The change may be that of a thief who knows the password, so nothing that
//! the thief has stays valid: sessions, personal access tokens, the password and later codes.

use super::{Accounts, error::Error};
use fieldguard_auth::email_code;
use fieldguard_domain::{
    audit::{Action, Actor},
    mail::MailedCode,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
};
use fieldguard_store::{
    self as store, Tx,
    email_codes::{EmailCode, Purpose},
};

impl Accounts {
    /// Restores the address that the code was sent to, revokes the sessions and personal access tokens of the account,
    /// invalidates its password, and mails a code to set a new one. Returns the account.
    ///
    /// # Errors
    ///
    /// [`Error::MailDisabled`], [`Error::InvalidEmailCode`] for every reason in the code or its account, [`Error::Taken`] if
    /// another account has verified the address in the meantime.
    pub async fn undo_email_change(&self, code: &str, client: &Client) -> Result<User, Error> {
        self.require_mail()?;
        let code_hash = email_code::hash_of(code).ok_or(Error::InvalidEmailCode)?;
        let now = self.clock.now();
        let found = store::email_codes::find(&self.store, Purpose::Undo, &code_hash, now).await?;
        let found = found.ok_or(Error::InvalidEmailCode)?;
        let tx = self.store.write().await?;
        let held = store::users::hold(&tx, found.user).await?.map(|held| held.user);
        let user = held.filter(User::may_sign_in).ok_or(Error::InvalidEmailCode)?;
        if !store::email_codes::consume(&tx, &found).await? {
            return Err(Error::InvalidEmailCode);
        }
        self.free_address(&tx, &user, &found).await?;
        let email = Some(Some(&found.email));
        store::users::set_profile(&tx, user.id, None, email, now).await?;
        let restored = store::users::set_email_verified(&tx, user.id, Some(now), now).await?;
        let restored = restored.ok_or(Error::InvalidEmailCode)?;
        // Later changes may be the thief's, too.
        for purpose in [Purpose::Verify, Purpose::Undo] {
            store::email_codes::void(&tx, user.id, purpose).await?;
        }
        store::users::set_hash(&tx, user.id, &self.hasher.unmatched(), now).await?;
        let ended = store::sessions::revoke_all(&tx, user.id, None, now).await?;
        self.revoke_all_tokens(&tx, user.id, client).await?;
        self.reset_failures_and_addresses(&tx, &user).await?;
        let kind = SecurityEventAction::EmailChanged;
        store::security_events::record(&tx, user.id, kind, None, client, now).await?;
        let (code, expires_at) = self.create_reset_code(&tx, user.id, now).await?;
        self.mail_reset_code(&tx, &restored, MailedCode { code: code.expose(), expires_at }).await?;
        let entry = self.entry(Action::EmailChangeUndone, Actor::Anonymous, client).on(user.id);
        tx.note(entry.because("email, emailVerified"));
        self.commit(tx).await?;
        tracing::info!(user = %user.id, ended, "change of the email address undone");
        Ok(restored)
    }

    /// Takes the address from another account that never verified it: otherwise a thief could keep it from its owner by
    /// registering with it.
    async fn free_address(&self, tx: &Tx, user: &User, code: &EmailCode) -> Result<(), Error> {
        let other = store::users::with_email(tx, code.email.key()).await?.filter(|other| other.id != user.id);
        match other {
            Some(other) if other.email_verified_at.is_some() => Err(Error::Taken("email")),
            Some(other) => {
                let now = self.clock.now();
                store::users::set_profile(tx, other.id, None, Some(None), now).await?;
                let entry = self.entry(Action::UserUpdated, Actor::Server, &Client::default()).on(other.id);
                tx.note(entry.because("email"));
                Ok(())
            }
            None => Ok(()),
        }
    }
}
