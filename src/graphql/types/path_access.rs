//! `PathAccess`: what becomes of a field where a document has it.

use async_graphql::Object;

use super::field_access::FieldAccess;
use crate::guarded;

/// What becomes of a field where a document has it.
pub struct PathAccess {
    pub(in crate::graphql) path: Vec<String>,
    pub(in crate::graphql) access: FieldAccess,
    pub(in crate::graphql) is_reached: bool,
}

/// What becomes of a field where a document has it.
#[guarded(public)]
#[Object]
impl PathAccess {
    /// The keys of the answer that lead to the field: its aliases where it has them. Indexes of lists are left out. Below an interface a path stands once for each type that the value can be of.
    async fn path(&self) -> &[String] {
        &self.path
    }

    /// The field, and what becomes of it there. `DEPENDS`: only the values tell whose they are.
    async fn access(&self) -> &FieldAccess {
        &self.access
    }

    /// Whether execution can come to it: no field above it is denied.
    async fn is_reached(&self) -> bool {
        self.is_reached
    }
}
