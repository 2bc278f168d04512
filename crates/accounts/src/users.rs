//! Reading accounts: one, a page of them, how many.

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::UserId,
    page::{Page, PageRequest},
    user::User,
    user_list::{UserFilter, UserListing, UserPosition},
};
use fieldguard_store as store;

impl Accounts {
    /// The account of that id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        Ok(store::users::find(&self.store, id).await?)
    }

    /// Part of the accounts that are listed.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn users(&self, listing: &UserListing, page: PageRequest<UserPosition>) -> Result<Page<User>, Error> {
        Ok(store::users::list(&self.store, listing, page).await?)
    }

    /// How many accounts the filter lets through; nothing lets none through.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn user_total(&self, filter: Option<&UserFilter>) -> Result<u64, Error> {
        match filter {
            Some(filter) => Ok(store::users::count(&self.store, filter).await?),
            None => Ok(0),
        }
    }
}
