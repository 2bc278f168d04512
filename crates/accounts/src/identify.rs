//! `identify`: whom an access token acts for. The token proves who; the database says what. Personal access tokens go their
//! own way, see `identify_personal_token`.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error};
use fieldguard_auth::{
    personal_token::PersonalToken,
    token::{TokenError, Verified},
};
use fieldguard_domain::{principal::Principal, session::Client};
use fieldguard_store as store;

impl Accounts {
    /// The principal of an access token that `client` shows, as the account stands now: roles and state come from the store, never from the
    /// token.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] where the token does not verify, its session has ended or its account may not sign in;
    /// [`Error::Unavailable`] or [`Error::Store`] where the database cannot say.
    pub async fn identify(&self, token: &str, client: &Client) -> Result<Arc<Principal>, Error> {
        if PersonalToken::is_meant(token) {
            return self.identify_personal_token(token, client).await;
        }
        let now = self.clock.now();
        let verified = self.verify(token, now).await?;
        if let Some(known) = self.principals().get(&verified, now) {
            return Ok(known);
        }
        let epoch = self.principals().epoch();
        let found = store::principals::find(&self.store, verified.user, verified.session, now).await?;
        let found = found.ok_or(Error::InvalidToken)?;
        // The first token of a session has no predecessor.
        if verified.generation > 0 && verified.generation == found.generation && !found.newest_used {
            self.confirm(&verified).await?;
        }
        let principal = Arc::new(found.principal);
        // Freshness passes by itself, without a change that would have this forgotten.
        let until = if principal.is_fresh() { found.fresh_until } else { DateTime::<Utc>::MAX_UTC };
        self.principals().keep(epoch, &verified, principal.clone(), now, until);
        Ok(principal)
    }

    /// Notes that the answer which brought this token has arrived: from now on its predecessor counts as used. One write a
    /// token, before its first request is answered, or a thief could use it and leave no trace.
    async fn confirm(&self, verified: &Verified) -> Result<(), Error> {
        Ok(store::sessions::mark_used(&self.store, verified.session, verified.generation, self.clock.now()).await?)
    }

    /// Verifies the token; where its key is unknown, once again after a look for it.
    async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, Error> {
        let mut verified = self.tokens.verify(token, now);
        if verified == Err(TokenError::UnknownKey) {
            self.look_for_key().await?;
            verified = self.tokens.verify(token, now);
        }
        verified.map_err(|reason| {
            tracing::debug!(%reason, "access token refused");
            Error::InvalidToken
        })
    }
}
