//! `DeleteAccountPayload`: the account that is gone.

use async_graphql::{ID, Object};

use crate::{domain::id::UserId, guarded};

/// The account that is gone.
pub struct DeleteAccountPayload {
    pub(in crate::graphql) user_id: UserId,
}

/// The account that is gone.
#[guarded(public)]
#[Object]
impl DeleteAccountPayload {
    /// The `id` the account had. It is never given again.
    async fn user_id(&self) -> ID {
        ID(self.user_id.to_string())
    }
}
