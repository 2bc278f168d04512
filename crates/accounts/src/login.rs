//! `login`: a person proves to hold an account and gets a session.
//!
//! Unknown name, wrong password and disabled account are answered alike and cost alike: all of them look the name up, are
//! counted (`guessing`) and hash once. A hash that another system made takes longer; while there are such hashes,
//! every refusal waits for the end of the second in which it was asked for. What really happened goes to the log.

use std::time::Duration;

use tokio::time::Instant;

use super::{Accounts, error::Error, guessing::Attempt, sign_in::SignIn};
use fieldguard_auth::hasher::{Place, Verdict};
use fieldguard_domain::{email::EmailAddress, password::Password, session::Client, username};
use fieldguard_store::{
    self as store,
    users::{Credentials, LoginName},
};

/// Refusals come at whole multiples of this after the question, while there are imported hashes: longer than a usual one of
/// them takes.
const STEP: Duration = Duration::from_secs(1);

impl Accounts {
    /// Signs in with a name, in any spelling of it, and a password in clear. Where the configuration says so, with the email
    /// address in the place of the name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] for every reason to refuse, [`Error::RateLimited`] where there were too many failures,
    /// [`Error::Busy`] where too many passwords are being hashed.
    pub async fn login(&self, name: &str, password: String, client: Client) -> Result<SignIn, Error> {
        let begun = Instant::now();
        let outcome = self.try_login(name, password, client).await;
        if matches!(outcome, Err(Error::InvalidCredentials)) {
            self.conceal_imports(begun).await?;
        }
        self.counts().sign_in(&outcome);
        outcome
    }

    /// Waits, where the time of a refusal could tell that a name is one of those that were imported.
    async fn conceal_imports(&self, begun: Instant) -> Result<(), Error> {
        if store::users::any_imported_hash(&self.store).await? {
            let step = STEP.as_nanos();
            let left = step - begun.elapsed().as_nanos() % step;
            tokio::time::sleep(Duration::from_nanos(u64::try_from(left).unwrap_or(0))).await;
        }
        Ok(())
    }

    async fn try_login(&self, name: &str, password: String, client: Client) -> Result<SignIn, Error> {
        let since = self.clock.stopwatch();
        // Before anything else: where no place is left in the queue for any client, a refusal costs nothing.
        self.hasher.heed_overload()?;
        let login = self.login_name(name);
        let found = store::users::credentials(&self.store, &login).await?;
        let account = found.as_ref().map(|found| found.user.id);
        // Guesses by name and by address are counted together.
        let counted_as = found.as_ref().map_or(login.key(), |found| found.user.username.key());
        let (attempt, place) = self.attempt(counted_as, account, &client, since).await?;
        match self.judge(place, &attempt, found, password, client.clone()).await {
            Ok(sign_in) => {
                attempt.close();
                Ok(sign_in)
            }
            Err(Error::InvalidCredentials) => {
                attempt.failed(self.failed_sign_in(account, &client)).await?;
                Err(Error::InvalidCredentials)
            }
            other => other,
        }
    }

    /// By what the account is looked up that `typed` names. No user name has an `@`.
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
    ) -> Result<SignIn, Error> {
        let stored = found.as_ref().map(|it| it.hash.clone());
        let password = Password::presented(password);
        let verdict = place.verify(password.clone(), stored).await?;
        let (credentials, outdated) = admit(found, verdict)?;
        // Only for an account that may sign in, so that every refusal costs one hash.
        let rehash = if outdated { Some(place.hash(password).await?) } else { None };
        drop(place);

        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        // The account may have been disabled or given another password while the hash was computed.
        let current = store::users::hold(&tx, credentials.user.id).await?;
        let current = current.filter(|it| it.user.may_sign_in() && it.hash == credentials.hash);
        let user = current.ok_or(Error::InvalidCredentials)?.user;
        if let Some(stronger) = rehash {
            store::users::set_hash(&tx, user.id, &stronger, now).await?;
        }
        attempt.succeeded(&tx, now).await?;
        let roles = store::roles::of_user(&tx, user.id).await?;
        let sign_in = self.begin_session(tx, user, &roles, client, now).await?;
        tracing::info!(user = %sign_in.user.id, session = %sign_in.session.id, "signed in");
        Ok(sign_in)
    }
}

/// The account that may sign in, and whether its hash has weaker parameters than new ones.
fn admit(found: Option<Credentials>, verdict: Verdict) -> Result<(Credentials, bool), Error> {
    match (found, verdict) {
        (Some(it), Verdict::Right { outdated }) if it.user.may_sign_in() => Ok((it, outdated)),
        (Some(it), Verdict::Right { .. }) => refuse("the account is disabled or about to be deleted", Some(&it)),
        (Some(it), Verdict::Wrong) => refuse("the password is wrong", Some(&it)),
        (Some(it), Verdict::Unreadable) => refuse("the stored hash is damaged", Some(&it)),
        (None, _) => refuse("the name is unknown", None),
    }
}

fn refuse<T>(reason: &str, account: Option<&Credentials>) -> Result<T, Error> {
    // The name that was typed stays out of the log: people type their password there.
    let user = account.map(|it| it.user.id.to_string());
    tracing::info!(reason, user, "sign-in refused");
    Err(Error::InvalidCredentials)
}
