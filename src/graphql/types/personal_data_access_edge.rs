//! `PersonalDataAccessEdge`: an access to personal data with its place in the list.

use async_graphql::Object;
use fieldguard_guard::{guarded, resolution::One};

use super::personal_data_access::PersonalDataAccess;

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
