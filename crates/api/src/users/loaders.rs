//! Batching: what a list asks for each of its items is asked of the database once.

use std::collections::HashMap;

use async_graphql::{
    dataloader::{DataLoader, Loader},
    runtime::{TokioSpawner, TokioTimer},
};
use fieldguard_accounts::Accounts;
use fieldguard_domain::{id::UserId, role::Role};

use crate::error::ApiError;

/// The roles of accounts. Nothing is remembered between batches: roles change.
pub struct RolesOfUsers(Accounts);

impl RolesOfUsers {
    /// A loader that waits for no one: it takes whatever is asked in the same turn of the executor.
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
