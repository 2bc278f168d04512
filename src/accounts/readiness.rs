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
}
