//! `identify`: whom an access token acts for. The token proves who; the database says what.

use std::sync::Arc;

use super::{Accounts, error::Error};
use crate::{domain::principal::Principal, store};

impl Accounts {
    /// The principal of an access token, as the account stands now: roles and state come from the store, never from the
    /// token.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] where the token does not verify, its session has ended or its account may not sign in.
    pub async fn identify(&self, token: &str) -> Result<Arc<Principal>, Error> {
        let now = self.clock.now();
        let verified = self.tokens.verify(token, now).map_err(|reason| {
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
}
