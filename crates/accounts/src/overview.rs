//! Figures for the administrator's start page.

use tokio::time::Instant;

use super::{Accounts, error::Error, remembered::Remembered};
use fieldguard_domain::{overview::DatabaseType, user::UserCounts};
use fieldguard_store as store;

/// The last counts of all users and sessions.
#[derive(Default)]
pub(super) struct Totals {
    users: Remembered<UserCounts>,
    pub(super) listed: Remembered<u64>,
    sessions: Remembered<u64>,
}

impl Accounts {
    /// The numbers of accounts by state. Large numbers can be 10 seconds old.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn user_counts(&self) -> Result<UserCounts, Error> {
        let now = self.clock.now();
        let count = async { Ok(store::users::counts(&self.store, now).await?) };
        self.totals().users.get(Instant::now(), |users| users.total, count).await
    }

    /// The number of live sessions. A large number can be 10 seconds old.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn session_count(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let count = async { Ok(store::sessions::live(&self.store, now).await?) };
        self.totals().sessions.get(Instant::now(), |sessions| sessions, count).await
    }

    /// The type of the database.
    #[must_use]
    pub fn database_kind(&self) -> DatabaseType {
        self.store.kind()
    }
}
