//! `DocumentAccess`: what becomes of a document.

use async_graphql::Object;
use fieldguard_guard::{access::Access, cost_directives::ListSize, guarded};

use crate::access::{access_decision::AccessDecision, path_access::PathAccess};

/// What becomes of a document.
pub struct DocumentAccess {
    pub(crate) decision: Access,
    pub(crate) paths: Vec<PathAccess>,
}

/// What becomes of a document.
#[guarded(public)]
#[Object]
impl DocumentAccess {
    /// `DENIED` where a field or an argument that is reached is denied, `DEPENDS` where one may be, else `ALLOWED`.
    async fn decision(&self) -> AccessDecision {
        self.decision.into()
    }

    /// Every field that the document selects, in the order of the answer, each followed by its arguments that tell of other fields. What only introspection answers is left out.
    #[graphql(directive = ListSize::apply(500))]
    async fn paths(&self) -> &[PathAccess] {
        &self.paths
    }
}
