//! Reading accounts: one, a page of them, how many.

use super::{Accounts, error::Error};
use crate::{
    domain::{
        id::UserId,
        page::{Page, PageRequest},
        user::User,
    },
    store,
};

impl Accounts {
    /// The account of that id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        Ok(store::users::find(&self.store, id).await?)
    }

    /// Part of the list of accounts, in the order of their making.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn users(&self, page: PageRequest) -> Result<Page<User>, Error> {
        Ok(store::users::list(&self.store, page).await?)
    }

    /// How many accounts there are.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn user_total(&self) -> Result<u64, Error> {
        Ok(store::users::total(&self.store).await?)
    }
}
