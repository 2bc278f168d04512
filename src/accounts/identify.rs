//! `identify`: whom an access token acts for. The token proves who; the database says what.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error};
use crate::{
    auth::token::{TokenError, Verified},
    domain::principal::Principal,
    store,
};

impl Accounts {
    /// The principal of an access token, as the account stands now: roles and state come from the store, never from the
    /// token.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] where the token does not verify, its session has ended or its account may not sign in.
    pub async fn identify(&self, token: &str) -> Result<Arc<Principal>, Error> {
        let now = self.clock.now();
        let verified = self.verify(token, now).await.map_err(|reason| {
            tracing::debug!(%reason, "access token refused");
            Error::InvalidToken
        })?;
        if let Some(known) = self.principals().get(verified.user, verified.session, now) {
            return Ok(known);
        }
        let epoch = self.principals().epoch();
        let found = store::principals::find(&self.store, verified.user, verified.session, now).await?;
        let principal = Arc::new(found.ok_or(Error::InvalidToken)?);
        self.principals().keep(epoch, principal.clone(), now);
        Ok(principal)
    }

    async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, TokenError> {
        match self.tokens.verify(token, now) {
            Err(TokenError::UnknownKey) => {
                self.look_for_key(now).await;
                self.tokens.verify(token, now)
            }
            other => other,
        }
    }
}
