//! `PersonalDataAccess`: a read of personal fields by another user.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain::audit::Access;
use fieldguard_guard::{connection::Listed, guarded};

use crate::services::accounts;

/// A read of a user's personal fields by another user.
pub struct PersonalDataAccess(Access);

impl From<Access> for PersonalDataAccess {
    fn from(access: Access) -> Self {
        Self(access)
    }
}

impl PersonalDataAccess {
    /// The list that its cursors are bound to.
    pub(crate) const LIST: &str = "accessedBy";
}

impl Listed for PersonalDataAccess {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.0.id.uuid())
    }
}

/// A read of a user's personal fields by another user.
#[guarded(public)]
#[Object]
impl PersonalDataAccess {
    /// When the fields were read.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The `id` of the user who read them. The user may no longer exist.
    async fn actor_id(&self) -> Option<ID> {
        self.0.actor.map(|id| ID(id.to_string()))
    }

    /// The current username of that user. Null if the user no longer exists.
    async fn actor_username(&self) -> Option<&str> {
        self.0.actor_name.as_deref()
    }

    /// The coordinates of the fields that were read, as `Type.field`, sorted.
    async fn coordinates(&self) -> &[String] {
        &self.0.coordinates
    }
}
