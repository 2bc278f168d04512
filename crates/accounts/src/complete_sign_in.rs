//! `completeSignIn`: a user whose password was right proves the second factor, or confirms the one that they enrolled,
//! and gets a session.

use super::{
    Accounts,
    error::Error,
    guessing::Attempt,
    next_step::NextStep,
    pending_sign_in::Presented,
    second_factor_code::settle,
    sign_in::{SignIn, SignInOutcome},
};
use fieldguard_auth::sign_in_challenge::SignInChallenge;
use fieldguard_domain::{authentication::AuthenticationMethod, id::UserId, session::Client};
use fieldguard_store as store;

impl Accounts {
    /// Takes the next step of the sign-in that `challenge` stands for, with a code.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidChallenge`] if the sign-in must begin again, [`Error::InvalidCode`] for a code that is wrong or
    /// was used, [`Error::RateLimited`] after too many of those.
    pub async fn complete_sign_in(&self, challenge: &str, code: &str, client: Client) -> Result<SignInOutcome, Error> {
        let outcome = self.try_complete(challenge, code, client).await;
        self.counts().sign_in(&outcome);
        outcome
    }

    async fn try_complete(&self, challenge: &str, code: &str, client: Client) -> Result<SignInOutcome, Error> {
        let since = self.clock.stopwatch();
        let challenge = SignInChallenge::parse(challenge).ok_or(Error::InvalidChallenge)?;
        let user = self.user_of_challenge(&challenge).await?;
        let attempt = self.attempt_code(user, &client, since).await?;
        let outcome = self.judge_code(&attempt, user, &challenge, code, client.clone()).await;
        settle(attempt, outcome, self.failed_sign_in(Some(user), &client)).await
    }

    async fn judge_code(
        &self,
        attempt: &Attempt,
        user: UserId,
        challenge: &SignInChallenge,
        code: &str,
        client: Client,
    ) -> Result<SignInOutcome, Error> {
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let Presented { mut held, roles, methods, next_step } = self.hold_pending(&tx, user, challenge, now).await?;
        let mut recovery_codes = Vec::new();
        let is_right = match next_step {
            NextStep::SecondFactor => self.use_code(&tx, user, None, code, &client, now).await?,
            NextStep::EnrollSecondFactor => match self.confirm_totp(&tx, user, None, code, &client, now).await? {
                Some(enrolled) => {
                    (held.user, recovery_codes) = enrolled;
                    true
                }
                None => false,
            },
        };
        if !is_right {
            store::sign_in_challenges::count_failure(&tx, &challenge.hash()).await?;
            tx.commit().await?;
            return Err(Error::InvalidCode);
        }
        if !store::sign_in_challenges::consume(&tx, &challenge.hash()).await? {
            return Err(Error::InvalidChallenge);
        }
        if next_step == NextStep::EnrollSecondFactor {
            // They began without the factor that the account has now.
            store::sessions::revoke_all(&tx, user, None, now).await?;
        }
        attempt.verified(&tx).await?;
        let methods = methods.with(AuthenticationMethod::OneTimePassword);
        let outcome = self.proceed(tx, held, &roles, methods, client, now).await;
        if next_step == NextStep::EnrollSecondFactor {
            self.forget_rights();
        }
        match outcome? {
            SignInOutcome::Complete(sign_in) => {
                tracing::info!(user = %sign_in.user.id, session = %sign_in.session.id, "signed in with a second factor");
                Ok(SignInOutcome::Complete(Box::new(SignIn { recovery_codes, ..*sign_in })))
            }
            pending @ SignInOutcome::Pending(_) => Ok(pending),
        }
    }
}
