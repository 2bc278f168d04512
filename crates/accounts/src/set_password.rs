//! `fieldguard admin set-password`: an operator sets the password of a user who cannot sign in.

use super::{Accounts, audit::by_operator, effect::Effect, error::Error};
use fieldguard_auth::hasher::Claim;
use fieldguard_domain::{
    audit::Action, mail::MailKind, security_event::SecurityEventAction, session::Client, user::User, username,
};
use fieldguard_store as store;

impl Accounts {
    /// Sets the password of the account with this name, in any spelling. Revokes its sessions and personal access
    /// tokens, invalidates a password reset code, and resets failed sign-ins. A disabled account stays disabled.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown name, [`Error::Invalid`] for a password that breaks a rule.
    pub async fn set_password_by_name(&self, name: &str, new: String) -> Result<(User, Effect), Error> {
        let named = store::users::named(&self.store, &username::canonical(name)).await?;
        let named = named.ok_or(Error::NotFound("name"))?;
        let hash = self.hash_new(self.new_password(new, &named)?, Claim::KNOWN).await?;

        let now = self.clock.now();
        let tx = self.store.write().await?;
        // The account may have been deleted while the hash was computed.
        let held = store::users::hold(&tx, named.id).await?;
        let user = held.ok_or(Error::NotFound("name"))?.user;
        // The account owner learns that the password was set, but not from where.
        let no_client = Client::default();
        store::users::set_hash(&tx, user.id, &hash, now).await?;
        store::password_resets::void(&tx, user.id).await?;
        let ended = store::sessions::revoke_all(&tx, user.id, None, now).await?;
        self.revoke_all_tokens(&tx, user.id, &no_client).await?;
        self.reset_failures_and_addresses(&tx, &user).await?;
        store::security_events::record(&tx, user.id, SecurityEventAction::PasswordReset, None, &no_client, now).await?;
        self.notify(&tx, &user, MailKind::PasswordChanged).await?;
        tx.note(by_operator(Action::PasswordReset, now).on(user.id));
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(user = %user.id, ended, "password set by the operator");
        Ok((user, effect))
    }
}
