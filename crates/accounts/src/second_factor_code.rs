//! Verifies the code of a second factor: a code of the authenticator app (RFC 6238), or a recovery code. Each is good
//! once.

use chrono::{DateTime, Utc};

use super::{Accounts, encryption::KeyError, error::Error, guessing::Attempt};
use fieldguard_auth::{encryption::EncryptionKey, recovery_code::RecoveryCode, totp};
use fieldguard_domain::{
    audit::{Action, Actor, Entry},
    id::{SessionId, UserId},
    principal::Principal,
    security_event::SecurityEventAction,
    session::Client,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Whether `typed` is a code of the user's second factor, which this consumes. The caller has locked the account.
    pub(super) async fn use_code(
        &self,
        tx: &Tx,
        user: UserId,
        session: Option<SessionId>,
        typed: &str,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let key = self.encryption.stored_key()?;
        if totp::is_meant(typed) {
            return self.use_totp(tx, &key, user, typed, now).await;
        }
        let Some(code) = RecoveryCode::parse(typed) else { return Ok(false) };
        if !store::second_factors::use_recovery_code(tx, user, &key.hash(user, code.bytes())).await? {
            return Ok(false);
        }
        let kind = SecurityEventAction::RecoveryCodeUsed;
        store::security_events::record(tx, user, kind, session, client, now).await?;
        tx.note(self.entry(Action::RecoveryCodeUsed, Actor::holder(user, session), client).on(user));
        Ok(true)
    }

    /// Whether `typed` is a current code of the user's secret, confirmed or not. Neither that code nor an earlier one
    /// is good again.
    pub(super) async fn use_totp(
        &self,
        tx: &Tx,
        key: &EncryptionKey,
        user: UserId,
        typed: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let Some(stored) = store::second_factors::secret(tx, user).await? else { return Ok(false) };
        let secret = key.open(user, &stored.sealed).map_err(KeyError::from)?;
        match totp::step_of(&secret, typed, now) {
            Some(step) => Ok(store::second_factors::use_step(tx, user, step).await?),
            None => Ok(false),
        }
    }

    /// Verifies a code of the caller's second factor, and consumes it. A wrong code counts as a failed sign-in.
    ///
    /// # Errors
    ///
    /// [`Error::NoSecondFactor`], [`Error::InvalidCode`], [`Error::RateLimited`] after too many wrong codes.
    pub(super) async fn prove_code(&self, caller: &Principal, typed: &str, client: &Client) -> Result<(), Error> {
        let attempt = self.attempt_code(caller.user(), client, self.clock.stopwatch()).await?;
        let outcome = self.judge_own_code(&attempt, caller, typed, client).await;
        let entry = self.entry(Action::ReauthenticationFailed, Actor::caller(caller), client).on(caller.user());
        settle(attempt, outcome, entry).await
    }

    async fn judge_own_code(
        &self,
        attempt: &Attempt,
        caller: &Principal,
        typed: &str,
        client: &Client,
    ) -> Result<(), Error> {
        let tx = self.begin_own(caller).await?;
        let now = self.shared_now(&tx).await?;
        let held = store::users::hold(&tx, caller.user()).await?.ok_or(Error::InvalidToken)?;
        if !held.user.has_second_factor() {
            return Err(Error::NoSecondFactor);
        }
        if !self.use_code(&tx, caller.user(), caller.session(), typed, client, now).await? {
            return Err(Error::InvalidCode);
        }
        attempt.succeeded(&tx, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Counts an attempt to use a code by its outcome. `entry` is the audit event of a wrong code. After an error of the
/// server the attempt is dropped, and so counts as failed.
pub(super) async fn settle<T>(attempt: Attempt, outcome: Result<T, Error>, entry: Entry) -> Result<T, Error> {
    match &outcome {
        Ok(_) => attempt.close(),
        Err(Error::InvalidCode) => attempt.failed(entry).await?,
        Err(Error::InvalidChallenge | Error::InvalidToken | Error::NoSecondFactor | Error::HasSecondFactor) => {
            attempt.withdraw().await?;
        }
        Err(_) => {}
    }
    outcome
}
