//! `SessionEdge`: a session with its place in the list.

use async_graphql::Object;
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
    resolution::One,
};

use super::session::Session;

/// A session with its place in the list.
pub struct SessionEdge {
    pub(super) cursor: String,
    pub(super) node: Session,
}

/// A session with its place in the list.
#[guarded(public)]
#[Object]
impl SessionEdge {
    /// The place in the list, for `after` and `before`. Opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What stands at that place.
    #[graphql(directive = Owner::apply(Ownership::Parent))]
    async fn node(&self) -> One<&Session> {
        One(&self.node)
    }
}
