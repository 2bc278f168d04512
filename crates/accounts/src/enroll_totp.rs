//! Enrollment of an authenticator app: a new secret, which a code of the app confirms. A signed-in user enrolls in a
//! fresh session. A user in a role that requires a second factor enrolls while signing in, by the challenge.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Accounts, effect::Effect, error::Error, guessing::Attempt, next_step::NextStep, second_factor_code::settle,
};
use fieldguard_auth::{encryption::EncryptionKey, sign_in_challenge::SignInChallenge};
pub use fieldguard_auth::{recovery_code::RecoveryCode, totp::Enrollment};
use fieldguard_domain::{
    audit::{Action, Actor},
    authentication::AuthenticationMethod,
    id::{SessionId, UserId},
    principal::Principal,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

/// How long a secret can be confirmed.
const CONFIRMED_WITHIN: TimeDelta = TimeDelta::hours(1);

/// The result of an enrollment.
pub struct Enrolled {
    /// The user, who has a second factor now.
    pub user: User,
    /// The recovery codes. The database stores only their hashes.
    pub recovery_codes: Vec<RecoveryCode>,
    /// The effect on the user's other sessions.
    pub effect: Effect,
}

impl Accounts {
    /// Creates a secret for the caller's authenticator app, in place of one that was not confirmed.
    ///
    /// # Errors
    ///
    /// [`Error::HasSecondFactor`], and [`Error::NoEncryptionKey`] if the server can't store secrets.
    pub async fn begin_totp_enrollment(&self, caller: &Principal) -> Result<Enrollment, Error> {
        let tx = self.begin_own(caller).await?;
        let held = store::users::hold(&tx, caller.user()).await?.ok_or(Error::InvalidToken)?;
        if held.user.has_second_factor() {
            return Err(Error::HasSecondFactor);
        }
        let now = self.shared_now(&tx).await?;
        let enrollment = self.store_secret(&tx, &held.user, now).await?;
        tx.commit().await?;
        Ok(enrollment)
    }

    /// The same for a user who must enroll to sign in.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidChallenge`], also if the sign-in waits for another step; [`Error::NoEncryptionKey`].
    pub async fn begin_totp_enrollment_at_sign_in(&self, challenge: &str) -> Result<Enrollment, Error> {
        let challenge = SignInChallenge::parse(challenge).ok_or(Error::InvalidChallenge)?;
        let user = self.user_of_challenge(&challenge).await?;
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let presented = self.hold_pending(&tx, user, &challenge, now).await?;
        if presented.next_step != NextStep::EnrollSecondFactor {
            return Err(Error::InvalidChallenge);
        }
        let enrollment = self.store_secret(&tx, &presented.held.user, now).await?;
        tx.commit().await?;
        Ok(enrollment)
    }

    async fn store_secret(&self, tx: &Tx, user: &User, now: DateTime<Utc>) -> Result<Enrollment, Error> {
        let key = self.encryption.key_for_new_secret()?;
        let enrollment = Enrollment::new(&self.tokens.settings().issuer, user.username.as_str());
        store::second_factors::put_secret(tx, user.id, key.seal(user.id, enrollment.secret()), now).await?;
        Ok(enrollment)
    }

    /// Confirms the caller's secret with a code of the app. From now on each sign-in requires a code. The caller's
    /// session counts as begun with one, and all others are revoked.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCode`] for a wrong code, or without a secret to confirm; [`Error::RateLimited`] after too many
    /// of those, [`Error::HasSecondFactor`].
    pub async fn confirm_totp_enrollment(
        &self,
        caller: &Principal,
        code: &str,
        client: &Client,
    ) -> Result<Enrolled, Error> {
        let attempt = self.attempt_code(caller.user(), client, self.clock.stopwatch()).await?;
        let outcome = self.judge_enrollment(&attempt, caller, code, client).await;
        let entry = self.entry(Action::ReauthenticationFailed, Actor::caller(caller), client).on(caller.user());
        settle(attempt, outcome, entry).await
    }

    async fn judge_enrollment(
        &self,
        attempt: &Attempt,
        caller: &Principal,
        code: &str,
        client: &Client,
    ) -> Result<Enrolled, Error> {
        let session = caller.session().ok_or(Error::InvalidToken)?;
        let tx = self.begin_own(caller).await?;
        let now = self.shared_now(&tx).await?;
        let held = store::users::hold(&tx, caller.user()).await?.ok_or(Error::InvalidToken)?;
        if held.user.has_second_factor() {
            return Err(Error::HasSecondFactor);
        }
        let confirmed = self.confirm_totp(&tx, caller.user(), Some(session), code, client, now).await?;
        let (user, recovery_codes) = confirmed.ok_or(Error::InvalidCode)?;
        attempt.succeeded(&tx, now).await?;
        self.note_proved(&tx, session, AuthenticationMethod::OneTimePassword, now).await?;
        let revoked = store::sessions::revoke_all(&tx, caller.user(), Some(session), now).await?;
        let effect = self.commit_change(tx, revoked).await?;
        tracing::info!(user = %caller.user(), revoked, "authenticator app enrolled");
        Ok(Enrolled { user, recovery_codes, effect })
    }

    /// Confirms the stored secret of the user with a code, and creates recovery codes. `None` if the code is wrong.
    pub(super) async fn confirm_totp(
        &self,
        tx: &Tx,
        user: UserId,
        session: Option<SessionId>,
        code: &str,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<Option<(User, Vec<RecoveryCode>)>, Error> {
        let stored = store::second_factors::secret(tx, user).await?;
        if stored.is_none_or(|stored| stored.created_at + CONFIRMED_WITHIN <= now) {
            return Ok(None);
        }
        let key = self.encryption.stored_key()?;
        if !self.use_totp(tx, &key, user, code, now).await? {
            return Ok(None);
        }
        let enrolled = store::second_factors::confirm(tx, user, now).await?.ok_or(Error::InvalidToken)?;
        let codes = self.replace_recovery_codes(tx, &key, user).await?;
        let kind = SecurityEventAction::TotpEnabled;
        store::security_events::record(tx, user, kind, session, client, now).await?;
        tx.note(self.entry(Action::TotpEnabled, Actor::holder(user, session), client).on(user));
        Ok(Some((enrolled, codes)))
    }

    /// Creates recovery codes in place of the earlier ones.
    pub(super) async fn replace_recovery_codes(
        &self,
        tx: &Tx,
        key: &EncryptionKey,
        user: UserId,
    ) -> Result<Vec<RecoveryCode>, Error> {
        let codes = Vec::from(RecoveryCode::fresh());
        let hashes: Vec<_> = codes.iter().map(|code| key.hash(user, code.bytes())).collect();
        store::second_factors::replace_recovery_codes(tx, user, hashes).await?;
        Ok(codes)
    }
}
