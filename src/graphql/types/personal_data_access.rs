//! `PersonalDataAccess`: that somebody read personal fields of an account.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use crate::domain::audit::Access;

/// That somebody read personal fields of an account that is not his own.
pub struct PersonalDataAccess(Access);

impl From<Access> for PersonalDataAccess {
    fn from(access: Access) -> Self {
        Self(access)
    }
}

/// That somebody read personal fields of an account that is not his own.
#[guarded(public)]
#[Object]
impl PersonalDataAccess {
    /// When.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The `id` of the account that read them. That account may be gone.
    async fn actor_id(&self) -> Option<ID> {
        self.0.actor.map(|id| ID(id.to_string()))
    }

    /// The name with which that account signs in now; null where it is gone.
    async fn actor_username(&self) -> Option<&str> {
        self.0.actor_name.as_deref()
    }

    /// What was read, as `Type.field`, sorted.
    async fn coordinates(&self) -> &[String] {
        &self.0.coordinates
    }
}
