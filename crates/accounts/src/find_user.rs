//! `find_user`: the account that an operator means, by its identifier or its name. No request can look accounts up by name.

use super::{Accounts, error::Error};
use fieldguard_domain::{id::UserId, user::User, username};
use fieldguard_store as store;

impl Accounts {
    /// The account with that identifier or, where there is none, with that name in any spelling. The identifier comes first,
    /// so that nobody takes another's place by taking his identifier for a name.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn find_user(&self, id_or_name: &str) -> Result<Option<User>, Error> {
        if let Some(id) = UserId::parse(id_or_name)
            && let Some(user) = store::users::find(&self.store, id).await?
        {
            return Ok(Some(user));
        }
        Ok(store::users::named(&self.store, &username::canonical(id_or_name)).await?)
    }
}
