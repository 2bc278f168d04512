//! `overview`: figures for the administrator's start page.

use super::{Accounts, error::Error};
use fieldguard_domain::overview::{DatabaseKind, Overview};
use fieldguard_store as store;

impl Accounts {
    /// Counts of accounts and live sessions.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn overview(&self) -> Result<Overview, Error> {
        let now = self.clock.now();
        let users = store::users::counts(&self.store, now).await?;
        let sessions = store::sessions::live(&self.store, now).await?;
        Ok(Overview { users, sessions })
    }

    /// The type of the database.
    #[must_use]
    pub fn database_kind(&self) -> DatabaseKind {
        self.store.kind()
    }
}
