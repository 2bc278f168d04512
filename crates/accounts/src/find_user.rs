//! `find_user`: finds an account for an operator, by id or name. No request can look accounts up by name.

use super::{Accounts, error::Error};
use fieldguard_domain::{id::UserId, user::User, username};
use fieldguard_store as store;

impl Accounts {
    /// The account with this id or, if there is none, with this name in any spelling. The id takes precedence, so that
    /// a user cannot impersonate another by choosing that user's id as a name.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn find_user(&self, id_or_name: &str) -> Result<Option<User>, Error> {
        if let Some(id) = UserId::parse(id_or_name)
            && let Some(user) = store::users::find(&self.store, id).await?
        {
            return Ok(Some(user));
        }
        Ok(store::users::named(&self.store, &username::canonical(id_or_name)).await?)
    }
}
