//! `PersonalDataAccessEdge`: an access to personal data with its place in the list.

use async_graphql::Object;

use super::personal_data_access::PersonalDataAccess;
use crate::{graphql::resolution::One, guarded};

/// An access to personal data with its place in the list.
pub struct PersonalDataAccessEdge {
    pub(super) cursor: String,
    pub(super) node: PersonalDataAccess,
}

/// An access to personal data with its place in the list.
#[guarded(public)]
#[Object]
impl PersonalDataAccessEdge {
    /// The place in the list, for `after` and `before`. Opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What stands at that place.
    async fn node(&self) -> One<&PersonalDataAccess> {
        One(&self.node)
    }
}
