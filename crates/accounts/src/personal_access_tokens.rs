//! Reads personal access tokens of an account.

use super::{Accounts, error::Error};
use fieldguard_domain::{
    access_token::AccessToken,
    id::{AccessTokenId, UserId},
    page::{Page, PageRequest},
};
use fieldguard_store as store;

impl Accounts {
    /// The personal access token with this id, unless it expired long ago.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn personal_access_token(&self, id: AccessTokenId) -> Result<Option<AccessToken>, Error> {
        Ok(store::access_tokens::find(&self.store, id, self.clock.now()).await?)
    }

    /// A page of the account's personal access tokens, newest first. Expired ones are listed for a month.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn personal_access_tokens(&self, user: UserId, page: PageRequest) -> Result<Page<AccessToken>, Error> {
        Ok(store::access_tokens::list(&self.store, user, page, self.clock.now()).await?)
    }
}
