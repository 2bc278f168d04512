//! Reads profiles of users.

use std::collections::HashMap;

use super::{Accounts, error::Error};
use fieldguard_domain::{id::UserId, profile::Profile};
use fieldguard_store as store;

impl Accounts {
    /// The profiles of these users. Users without a profile, and unknown users, are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn profiles_of(&self, users: &[UserId]) -> Result<HashMap<UserId, Profile>, Error> {
        Ok(store::profiles::of_users(&self.store, users).await?)
    }
}
