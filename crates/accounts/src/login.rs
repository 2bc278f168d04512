//! `login`: a user signs in with a password and gets a session or, with a second factor, a challenge for it.
//!
//! An unknown name, a wrong password and a disabled account get the same answer at the same cost: each looks the name
//! up, is counted (`guessing`) and hashes once. A hash imported from another system takes longer. While such hashes
//! exist, every refusal waits for the end of a full second since the request. The real reason is logged.

use std::time::Duration;

use tokio::time::Instant;

use super::{Accounts, error::Error, guessing::Attempt, sign_in::SignInOutcome};
use fieldguard_auth::hasher::{Place, Verdict};
use fieldguard_domain::{authentication::Methods, email::EmailAddress, password::Password, session::Client, username};
use fieldguard_store::{
    self as store,
    users::{Credentials, LoginName},
};

/// While imported hashes exist, refusals are sent at multiples of this after the request. It is longer than a usual
/// imported hash takes.
const REFUSAL_INTERVAL: Duration = Duration::from_secs(1);

impl Accounts {
    /// Signs in with a name, in any spelling, and a password in clear text. If configured, the email address is
    /// accepted in place of the name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] for every reason to refuse, [`Error::RateLimited`] after too many failures,
    /// [`Error::Busy`] if too many passwords are being hashed.
    pub async fn login(&self, name: &str, password: String, client: Client) -> Result<SignInOutcome, Error> {
        let begun = Instant::now();
        let outcome = self.try_login(name, password, client).await;
        if matches!(outcome, Err(Error::InvalidCredentials)) {
            self.conceal_imports(begun).await?;
        }
        // A sign-in that waits for its next step is counted with that step.
        if !matches!(outcome, Ok(SignInOutcome::Pending(_))) {
            self.counts().sign_in(&outcome);
        }
        outcome
    }

    /// Waits if the time of a refusal could reveal that a name was imported.
    async fn conceal_imports(&self, begun: Instant) -> Result<(), Error> {
        if store::users::any_imported_hash(&self.store).await? {
            let interval = REFUSAL_INTERVAL.as_nanos();
            let left = interval - begun.elapsed().as_nanos() % interval;
            tokio::time::sleep(Duration::from_nanos(u64::try_from(left).unwrap_or(0))).await;
        }
        Ok(())
    }

    async fn try_login(&self, name: &str, password: String, client: Client) -> Result<SignInOutcome, Error> {
        let since = self.clock.stopwatch();
        // Checked first: if no hashing place is free for any client, a refusal costs nothing.
        self.hasher.check_overload()?;
        let login = self.login_name(name);
        let found = store::users::credentials(&self.store, &login).await?;
        let account = found.as_ref().map(|found| found.user.id);
        // Guesses by name and by email address share one count.
        let counted_as = found.as_ref().map_or(login.key(), |found| found.user.username.key());
        let (attempt, place) = self.attempt(counted_as, account, &client, since).await?;
        match self.judge(place, &attempt, found, password, client.clone()).await {
            Ok(outcome) => {
                attempt.close();
                Ok(outcome)
            }
            Err(Error::InvalidCredentials) => {
                attempt.failed(self.failed_sign_in(account, &client)).await?;
                Err(Error::InvalidCredentials)
            }
            other => other,
        }
    }

    /// How to look up the account that `typed` names. No username contains `@`.
    fn login_name(&self, typed: &str) -> LoginName {
        if self.policy.sign_in_with_email
            && let Ok(email) = EmailAddress::parse(typed)
        {
            return LoginName::Email(email.key().to_owned());
        }
        LoginName::Username(username::canonical(typed))
    }

    async fn judge(
        &self,
        place: Place,
        attempt: &Attempt,
        found: Option<Credentials>,
        password: String,
        client: Client,
    ) -> Result<SignInOutcome, Error> {
        let stored = found.as_ref().map(|credentials| credentials.hash.clone());
        let password = Password::presented(password);
        let verdict = place.verify(password.clone(), stored).await?;
        let (credentials, outdated) = admit(found, verdict)?;
        // Only for an account that may sign in, so that every refusal costs one hash.
        let rehash = if outdated { Some(place.hash(password).await?) } else { None };
        drop(place);

        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        // The account may have been disabled or its password changed while the hash was computed.
        let current = store::users::hold(&tx, credentials.user.id).await?;
        let current = current.filter(|held| held.user.may_sign_in() && held.hash == credentials.hash);
        let mut held = current.ok_or(Error::InvalidCredentials)?;
        if let Some(stronger) = rehash {
            store::users::set_hash(&tx, held.user.id, &stronger, now).await?;
            held.hash = stronger;
        }
        attempt.verified(&tx).await?;
        let roles = store::roles::of_user(&tx, held.user.id).await?;
        let outcome = self.proceed(tx, held, &roles, Methods::PASSWORD, client, now).await?;
        if let SignInOutcome::Complete(sign_in) = &outcome {
            tracing::info!(user = %sign_in.user.id, session = %sign_in.session.id, "signed in");
        }
        Ok(outcome)
    }
}

/// The account if it may sign in, and whether its hash has weaker parameters than new ones.
fn admit(found: Option<Credentials>, verdict: Verdict) -> Result<(Credentials, bool), Error> {
    match (found, verdict) {
        (Some(account), Verdict::Right { outdated }) if account.user.may_sign_in() => Ok((account, outdated)),
        (Some(account), Verdict::Right { .. }) => {
            refuse("the account is disabled or scheduled for deletion", Some(&account))
        }
        (Some(account), Verdict::Wrong) => refuse("the password is wrong", Some(&account)),
        (Some(account), Verdict::Unreadable) => refuse("the stored hash is damaged", Some(&account)),
        (None, _) => refuse("the name is unknown", None),
    }
}

fn refuse<T>(reason: &str, account: Option<&Credentials>) -> Result<T, Error> {
    // Never log the typed name: users type their password there by mistake.
    let user = account.map(|account| account.user.id.to_string());
    tracing::info!(reason, user, "sign-in refused");
    Err(Error::InvalidCredentials)
}
