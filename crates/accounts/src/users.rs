//! Reads accounts: one, a page, or their number.

use tokio::time::Instant;

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::UserId,
    page::{Page, PageRequest},
    user::User,
    user_list::{UserFilter, UserListing, UserPosition},
};
use fieldguard_store as store;

impl Accounts {
    /// The account with this id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        Ok(store::users::find(&self.store, id).await?)
    }

    /// A page of the listed accounts.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn users(&self, listing: &UserListing, page: PageRequest<UserPosition>) -> Result<Page<User>, Error> {
        Ok(store::users::list(&self.store, listing, page).await?)
    }

    /// The number of accounts that match the filter. `None` matches no account. A large number of all accounts can be
    /// 10 seconds old.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn user_total(&self, filter: Option<&UserFilter>) -> Result<u64, Error> {
        match filter {
            None => Ok(0),
            Some(filter) if *filter == UserFilter::default() => {
                let count = async { Ok(store::users::total(&self.store).await?) };
                self.totals().listed.get(Instant::now(), |users| users, count).await
            }
            Some(filter) => Ok(store::users::count(&self.store, filter).await?),
        }
    }
}
