//! Reads roles: all of them, or those of accounts.

use std::{collections::HashMap, sync::Arc};

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::{RoleId, UserId},
    role::Role,
    role_set::RoleSet,
};
use fieldguard_store as store;

impl Accounts {
    /// All roles, sorted by name.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn roles(&self) -> Result<Vec<Role>, Error> {
        Ok(store::roles::list(&self.store).await?)
    }

    /// The role with this id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn role(&self, id: RoleId) -> Result<Option<Role>, Error> {
        Ok(store::roles::find(&self.store, id).await?)
    }

    /// The roles of each of these accounts, with one database query. Accounts with the same roles share them.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn roles_of(&self, users: &[UserId]) -> Result<HashMap<UserId, Arc<RoleSet>>, Error> {
        Ok(store::roles::of_users(&self.store, users).await?)
    }
}
