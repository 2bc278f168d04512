//! Values of many users by one query: what the rows of a list ask for in the same turn is loaded together. Nothing is kept
//! between loads, because roles and profiles change.
//!
//! async-graphql's `DataLoader` does the same for any runtime. It starts a task and takes its lock several times per row,
//! which made up most of the time of a list with roles.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use fieldguard_accounts::Accounts;
use fieldguard_domain::{id::UserId, profile::Profile, role_set::RoleSet};
use tokio::{sync::OnceCell, task::yield_now};

use crate::error::ApiError;

/// The loads of one request.
#[derive(Default)]
pub(crate) struct Batches {
    roles: Open<Arc<RoleSet>>,
    profiles: Open<Profile>,
}

impl Batches {
    /// The roles of the user, or nothing if the user has none.
    pub(crate) async fn roles(&self, accounts: &Accounts, user: UserId) -> Result<Arc<RoleSet>, ApiError> {
        let found = load(&self.roles, user, async |users| Ok(accounts.roles_of(&users).await?)).await?;
        Ok(found.unwrap_or_default())
    }

    /// The profile of the user, which is empty if the user has none.
    pub(crate) async fn profile(&self, accounts: &Accounts, user: UserId) -> Result<Profile, ApiError> {
        let found = load(&self.profiles, user, async |users| Ok(accounts.profiles_of(&users).await?)).await?;
        Ok(found.unwrap_or_default())
    }
}

/// The batch that is not being loaded yet, if there is one.
type Open<V> = Mutex<Option<Arc<Batch<V>>>>;

type Loaded<V> = Result<HashMap<UserId, V>, ApiError>;

struct Batch<V> {
    users: Mutex<Vec<UserId>>,
    loaded: OnceCell<Loaded<V>>,
}

/// The value of `user`, loaded with the values of all others that are asked for before this task runs again.
async fn load<V: Clone>(
    open: &Open<V>,
    user: UserId,
    fetch: impl AsyncFnOnce(Vec<UserId>) -> Loaded<V>,
) -> Result<Option<V>, ApiError> {
    let batch = join(open, user);
    let first = async || {
        yield_now().await;
        close(open, &batch);
        let users = batch.users.lock().unwrap_or_else(PoisonError::into_inner).clone();
        fetch(users).await
    };
    let loaded = batch.loaded.get_or_init(first).await;
    loaded.as_ref().map(|values| values.get(&user).cloned()).map_err(ApiError::clone)
}

fn join<V>(open: &Open<V>, user: UserId) -> Arc<Batch<V>> {
    let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
    let batch = open.get_or_insert_with(|| Arc::new(Batch { users: Mutex::default(), loaded: OnceCell::new() }));
    batch.users.lock().unwrap_or_else(PoisonError::into_inner).push(user);
    batch.clone()
}

/// Ends the batch: what is asked for from now on begins another. If the task that loads it is canceled, another continues with the same users.
fn close<V>(open: &Open<V>, batch: &Arc<Batch<V>>) {
    let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
    open.take_if(|current| Arc::ptr_eq(current, batch));
}
