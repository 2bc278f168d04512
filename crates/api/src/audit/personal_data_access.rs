//! `PersonalDataAccess`: that somebody read personal fields of an account.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain::audit::Access;
use fieldguard_guard::{connection::Listed, guarded};

use crate::services::accounts;

/// That somebody read personal fields of an account that is not his own.
pub struct PersonalDataAccess(Access);

impl From<Access> for PersonalDataAccess {
    fn from(access: Access) -> Self {
        Self(access)
    }
}

impl PersonalDataAccess {
    /// What the cursors of its list are sealed with, so that no other list takes them.
    pub(crate) const LIST: &str = "accessedBy";
}

impl Listed for PersonalDataAccess {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.0.id.uuid())
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
