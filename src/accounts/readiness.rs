//! `ready`: can the server do its work now? Asked by load balancers.

use super::{Accounts, error::Error};

impl Accounts {
    /// Asks the database for a sign of life.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where it gives none.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.store.ping().await?)
    }

    /// The public keys that verify this server's access tokens, as a JWK set (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        self.tokens.keys().jwks()
    }
}
