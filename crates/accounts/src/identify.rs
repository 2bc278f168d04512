//! `identify`: the principal of an access token. The token says who the caller is, and the database what they may do.
//! Personal access tokens are handled by `identify_personal_token`.

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
    /// The principal of an access token that `client` sent, as the account is now. Roles and state come from the store,
    /// never from the token.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] if the token does not verify, its session was revoked, or its account may not sign in.
    /// [`Error::Unavailable`] or [`Error::Store`] if the database fails.
    pub async fn identify(&self, token: &str, client: &Client) -> Result<Arc<Principal>, Error> {
        if PersonalToken::is_meant(token) {
            return self.identify_personal_token(token, client).await;
        }
        let now = self.clock.now();
        let verified = self.verify(token, now).await?;
        if let Some((known, age)) = self.counts().principal.count(self.principals().get(&verified, now)) {
            self.counts().staleness.record(age);
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
        // A fresh session becomes stale without a change that would clear the cache.
        let until = if principal.is_fresh() { found.fresh_until } else { DateTime::<Utc>::MAX_UTC };
        self.principals().keep(epoch, &verified, principal.clone(), now, until);
        Ok(principal)
    }

    /// Records that the client received this token, so that its predecessor counts as used. This is one write per
    /// token, before its first request is answered. Otherwise a thief could use the token unnoticed.
    async fn confirm(&self, verified: &Verified) -> Result<(), Error> {
        Ok(store::sessions::mark_used(&self.store, verified.session, verified.generation, self.clock.now()).await?)
    }

    /// Verifies the token. If its key is unknown, looks for the key and tries once more.
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
