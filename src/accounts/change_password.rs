//! `changePassword`: a person who knows the old password sets a new one. All other sessions of the account end.

use super::{Accounts, effect::Effect, error::Error};
use crate::{
    auth::hasher::Verdict,
    domain::{
        audit::{Action, Actor},
        invalid::Invalid,
        password::Password,
        password_strength::words_of,
        principal::Principal,
        security_event::SecurityEventKind,
        session::Client,
        user::User,
    },
    store::{self, users::Credentials},
};

impl Accounts {
    /// Sets a new password, ends every session but the caller's and voids a code that would reset it. Answers the account and
    /// how many sessions ended.
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
    ) -> Result<(User, Effect), Error> {
        let known = self.prove(caller, current, client).await?;
        let hash = self.hash(self.new_password(new, Some(&known.user))?).await?;

        let now = self.clock.now();
        let tx = self.begin_own(caller).await?;
        // Of two changes that both proved the old password, the second finds it gone.
        if !store::users::replace_hash(&tx, caller.user(), &known.hash, &hash, now).await? {
            return Err(Error::InvalidCredentials);
        }
        let ended = store::sessions::end_all(&tx, caller.user(), caller.session(), now).await?;
        store::password_resets::void(&tx, caller.user()).await?;
        let kind = SecurityEventKind::PasswordChanged;
        store::security_events::record(&tx, caller.user(), kind, caller.session(), client, now).await?;
        tx.note(self.entry(Action::PasswordChanged, Actor::caller(caller), client).on(caller.user()));
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(user = %caller.user(), ended, "password changed");
        Ok((known.user, effect))
    }

    /// The text as the new password of `user`, where it is one's that is known: its own words make no password.
    pub(super) fn new_password(&self, text: String, user: Option<&User>) -> Result<Password, Invalid> {
        let context = user.map(|it| words_of(&it.username, it.email.as_ref())).unwrap_or_default();
        let words: Vec<&str> = context.iter().map(String::as_str).collect();
        let password = Password::parse(text, self.policy.password, &words);
        password.map_err(|invalid| Invalid { field: "newPassword", ..invalid })
    }

    /// The caller's credentials, once the password presented has proved right. A wrong one counts as a failed sign-in.
    pub(super) async fn prove(
        &self,
        caller: &Principal,
        presented: String,
        client: &Client,
    ) -> Result<Credentials, Error> {
        let since = self.clock.stopwatch();
        let place = self.hasher.reserve()?;
        let found = store::users::credentials_of(&self.store, caller.user()).await?.ok_or(Error::InvalidCredentials)?;
        let attempt = self.attempt(found.user.username.key(), Some(caller.user()), client, since).await?;
        match place.verify(Password::presented(presented), Some(found.hash.clone())).await? {
            Verdict::Right { .. } => {}
            wrong => {
                if matches!(wrong, Verdict::Unreadable) {
                    tracing::info!(user = %found.user.id, "the stored hash is damaged");
                }
                let entry = self.entry(Action::PasswordProofFailed, Actor::caller(caller), client).on(caller.user());
                attempt.failed(entry).await?;
                return Err(Error::InvalidCredentials);
            }
        }
        let tx = self.store.write().await?;
        attempt.succeeded(&tx, self.shared_now(&tx).await?).await?;
        tx.commit().await?;
        attempt.close();
        Ok(found)
    }
}
