//! Reads sessions and security events of an account.

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::{SecurityEventId, SessionId, UserId},
    page::{Page, PageRequest},
    security_event::SecurityEvent,
    session::Session,
};
use fieldguard_store as store;

impl Accounts {
    /// The session with this id, if it is live.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn session(&self, id: SessionId) -> Result<Option<Session>, Error> {
        Ok(store::sessions::find(&self.store, id, self.clock.now()).await?)
    }

    /// The security event with this id, and the account it belongs to.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn security_event(&self, id: SecurityEventId) -> Result<Option<(UserId, SecurityEvent)>, Error> {
        Ok(store::security_events::find(&self.store, id).await?)
    }

    /// A page of the account's live sessions, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn sessions(&self, user: UserId, page: PageRequest) -> Result<Page<Session>, Error> {
        Ok(store::sessions::list(&self.store, user, page, self.clock.now()).await?)
    }

    /// A page of the account's security events, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn security_events(&self, user: UserId, page: PageRequest) -> Result<Page<SecurityEvent>, Error> {
        Ok(store::security_events::list(&self.store, user, page).await?)
    }
}
