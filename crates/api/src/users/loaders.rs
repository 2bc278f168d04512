//! Data loaders: one database query for all items of a list.

use std::collections::HashMap;

use async_graphql::{
    dataloader::{DataLoader, Loader},
    runtime::{TokioSpawner, TokioTimer},
};
use fieldguard_accounts::Accounts;
use fieldguard_domain::{id::UserId, profile::Profile, role::Role};

use crate::error::ApiError;

/// Loads the roles of users. It caches nothing between batches, because roles change.
pub struct RolesOfUsers(Accounts);

impl RolesOfUsers {
    /// A loader without delay: a batch is what is requested in one turn of the executor.
    #[must_use]
    pub fn loader(accounts: Accounts) -> DataLoader<Self> {
        DataLoader::new(Self(accounts), TokioSpawner::current(), TokioTimer::default()).delay(std::time::Duration::ZERO)
    }
}

impl Loader<UserId> for RolesOfUsers {
    type Value = Vec<Role>;
    type Error = ApiError;

    async fn load(&self, users: &[UserId]) -> Result<HashMap<UserId, Vec<Role>>, ApiError> {
        Ok(self.0.roles_of(users).await?)
    }
}

/// Loads the profiles of users, where their fields are selected. It caches nothing between batches.
pub struct ProfilesOfUsers(Accounts);

impl ProfilesOfUsers {
    /// A loader without delay.
    #[must_use]
    pub fn loader(accounts: Accounts) -> DataLoader<Self> {
        DataLoader::new(Self(accounts), TokioSpawner::current(), TokioTimer::default()).delay(std::time::Duration::ZERO)
    }
}

impl Loader<UserId> for ProfilesOfUsers {
    type Value = Profile;
    type Error = ApiError;

    async fn load(&self, users: &[UserId]) -> Result<HashMap<UserId, Profile>, ApiError> {
        Ok(self.0.profiles_of(users).await?)
    }
}
