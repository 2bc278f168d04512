//! Reading sessions and security events of an account.

use super::{Accounts, error::Error};
use crate::{
    domain::{
        id::UserId,
        page::{Page, PageRequest},
        security_event::SecurityEvent,
        session::Session,
    },
    store,
};

impl Accounts {
    /// Part of the account's live sessions, the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn sessions(&self, user: UserId, page: PageRequest) -> Result<Page<Session>, Error> {
        Ok(store::sessions::list(&self.store, user, page, self.clock.now()).await?)
    }

    /// Part of what happened to the account, the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn security_events(&self, user: UserId, page: PageRequest) -> Result<Page<SecurityEvent>, Error> {
        Ok(store::security_events::list(&self.store, user, page).await?)
    }
}
