//! Reading roles: all of them, and those of accounts.

use std::collections::HashMap;

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::{RoleId, UserId},
    role::Role,
};
use fieldguard_store as store;

impl Accounts {
    /// Every role, by name.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn roles(&self) -> Result<Vec<Role>, Error> {
        Ok(store::roles::list(&self.store).await?)
    }

    /// The role of that id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn role(&self, id: RoleId) -> Result<Option<Role>, Error> {
        Ok(store::roles::find(&self.store, id).await?)
    }

    /// The roles of each of these accounts, in one question to the database.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn roles_of(&self, users: &[UserId]) -> Result<HashMap<UserId, Vec<Role>>, Error> {
        Ok(store::roles::of_users(&self.store, users).await?)
    }
}
