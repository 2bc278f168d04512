//! `updatePassword`: a user sets a new password and proves the old one. All other sessions of the account are revoked.

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_auth::hasher::{Place, Verdict};
use fieldguard_domain::{
    audit::{Action, Actor},
    invalid::Invalid,
    mail::MailKind,
    password::{NewPassword, Password},
    password_strength::words_of,
    principal::Principal,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, users::Credentials};

impl Accounts {
    /// Sets a new password, revokes every session except the caller's, and invalidates any password reset code. Returns
    /// the account and how many sessions were revoked.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] if the current password is wrong, which counts as a failed sign-in,
    /// [`Error::RateLimited`] after too many of those, [`Error::Invalid`] for a new password that breaks a rule,
    /// [`Error::Busy`] if too many passwords are being hashed.
    pub async fn update_password(
        &self,
        caller: &Principal,
        current: String,
        new: String,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let (known, place) = self.prove(caller, current, client).await?;
        let hash = place.hash_new(self.new_password(new, &known.user)?).await??;
        drop(place);

        let now = self.clock.now();
        let tx = self.begin_own(caller).await?;
        // Of two concurrent changes that both proved the old password, the second finds another hash.
        if !store::users::replace_hash(&tx, caller.user(), &known.hash, &hash, now).await? {
            return Err(Error::InvalidCredentials);
        }
        let ended = store::sessions::revoke_all(&tx, caller.user(), caller.session(), now).await?;
        store::password_resets::void(&tx, caller.user()).await?;
        let kind = SecurityEventAction::PasswordChanged;
        store::security_events::record(&tx, caller.user(), kind, caller.session(), client, now).await?;
        self.notify(&tx, &known.user, MailKind::PasswordChanged).await?;
        tx.note(self.entry(Action::PasswordChanged, Actor::caller(caller), client).on(caller.user()));
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(user = %caller.user(), ended, "password changed");
        Ok((known.user, effect))
    }

    /// Parses the text as the new password of `user`. The password must not be derived from the user's own name or
    /// address. Its strength is not checked yet.
    pub(super) fn new_password(&self, text: String, user: &User) -> Result<NewPassword, Invalid> {
        let context = words_of(&user.username, user.email.as_ref());
        NewPassword::parse("newPassword", text, self.policy.password, context)
    }

    /// Verifies the caller's password. Returns the credentials and the hashing place that was used. A wrong password
    /// counts as a failed sign-in.
    pub(super) async fn prove(
        &self,
        caller: &Principal,
        presented: String,
        client: &Client,
    ) -> Result<(Credentials, Place), Error> {
        let since = self.clock.stopwatch();
        let found = store::users::credentials_of(&self.store, caller.user()).await?.ok_or(Error::InvalidCredentials)?;
        let (attempt, place) = self.attempt_of_caller(&found.user, client, since).await?;
        match place.verify(Password::presented(presented), Some(found.hash.clone())).await? {
            Verdict::Right { .. } => {}
            wrong => {
                if matches!(wrong, Verdict::Unreadable) {
                    tracing::info!(user = %found.user.id, "the stored hash is damaged");
                }
                let entry = self.entry(Action::ReauthenticationFailed, Actor::caller(caller), client).on(caller.user());
                attempt.failed(entry).await?;
                return Err(Error::InvalidCredentials);
            }
        }
        let tx = self.store.write().await?;
        attempt.succeeded(&tx, self.shared_now(&tx).await?).await?;
        tx.commit().await?;
        attempt.close();
        Ok((found, place))
    }
}
