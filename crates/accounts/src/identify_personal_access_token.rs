//! The principal of a personal access token, and when the token was last used.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Accounts, error::Error};
use fieldguard_auth::personal_token::PersonalToken;
use fieldguard_domain::{principal::Principal, session::Client};
use fieldguard_store as store;

/// How often the use of a token is recorded: often enough for its owner, and rarely enough for the database.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Accounts {
    /// The principal of the personal access token that `client` sent: the account as it is now, with those of the
    /// token's permissions that the account still has.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] if there is no such token, it has expired, or its account is disabled.
    pub(super) async fn identify_personal_token(
        &self,
        presented: &str,
        client: &Client,
    ) -> Result<Arc<Principal>, Error> {
        let token = PersonalToken::parse(presented).ok_or_else(refused)?;
        let now = self.clock.now();
        if let Some((known, age)) = self.counts().principal.count(self.principals().get_by_token(&token, now)) {
            self.counts().staleness.record(age);
            return Ok(known);
        }
        let epoch = self.principals().epoch();
        let found = store::principals::find_by_token(&self.store, token.id(), &token.hash(), now).await?;
        let found = found.ok_or_else(refused)?;
        let is_noted = self.note_use(&token, found.last_used_at, client, now).await;
        let principal = Arc::new(found.principal);
        // If the use could not be recorded, the next request tries again. So the token must not be cached.
        if is_noted {
            self.principals().keep_by_token(epoch, &token, principal.clone(), now, found.expires_at);
        }
        Ok(principal)
    }

    /// Records that the token was used, unless that was recorded shortly before. Returns whether it is recorded. The
    /// request continues either way.
    async fn note_use(
        &self,
        token: &PersonalToken,
        noted: Option<DateTime<Utc>>,
        client: &Client,
        now: DateTime<Utc>,
    ) -> bool {
        // A recorded time in the future comes from a clock that was ahead.
        if noted.is_some_and(|at| (now - at).abs() < NOTED_EVERY) {
            return true;
        }
        let address = client.ip_address.as_deref();
        let outcome = store::personal_access_tokens::note_use(&self.store, token.id(), address, NOTED_EVERY, now).await;
        if let Err(error) = &outcome {
            tracing::warn!(token = %token.id(), %error, "cannot record the use of a personal access token");
        }
        outcome.is_ok()
    }
}

fn refused() -> Error {
    tracing::debug!("personal access token refused");
    Error::InvalidToken
}
