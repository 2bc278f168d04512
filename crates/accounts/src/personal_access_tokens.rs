//! Reads personal access tokens of an account.

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::{PersonalAccessTokenId, UserId},
    page::{Page, PageRequest},
    personal_access_token::PersonalAccessToken,
};
use fieldguard_store as store;

impl Accounts {
    /// The personal access token with this id, unless it expired long ago.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn personal_access_token(&self, id: PersonalAccessTokenId) -> Result<Option<PersonalAccessToken>, Error> {
        Ok(store::personal_access_tokens::find(&self.store, id, self.clock.now()).await?)
    }

    /// A page of the account's personal access tokens, newest first. Expired ones are listed for a month.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn personal_access_tokens(
        &self,
        user: UserId,
        page: PageRequest,
    ) -> Result<Page<PersonalAccessToken>, Error> {
        Ok(store::personal_access_tokens::list(&self.store, user, page, self.clock.now()).await?)
    }
}
