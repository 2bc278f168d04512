//! `PathAccess`: what becomes of a field where a document has it.

use async_graphql::Object;
use fieldguard_guard::guarded;

use crate::access::field_access::FieldAccess;

/// What becomes of a field where a document has it.
pub struct PathAccess {
    pub(crate) path: Vec<String>,
    pub(crate) argument: Option<String>,
    pub(crate) access: FieldAccess,
    pub(crate) is_reached: bool,
}

/// What becomes of a field where a document has it.
#[guarded(public)]
#[Object]
impl PathAccess {
    /// The keys of the answer that lead to the field: its aliases where it has them. Indexes of lists are left out. Below an interface a path stands once for each type that the value can be of.
    async fn path(&self) -> &[String] {
        &self.path
    }

    /// Null where the field itself stands at the path. Else the argument of that field which tells of another one, as `filter.email`: what one cannot read one can neither filter nor sort by, whosever it is, so that `access` is about the other field. What a variable decides counts as given. Where such an argument is denied, the field at the path is refused.
    async fn argument(&self) -> Option<&str> {
        self.argument.as_deref()
    }

    /// The field, and what becomes of it there. `DEPENDS`: only the values tell whose they are.
    async fn access(&self) -> &FieldAccess {
        &self.access
    }

    /// Whether execution can come to it: no field above it is denied, and none that an argument before it tells of.
    async fn is_reached(&self) -> bool {
        self.is_reached
    }
}
