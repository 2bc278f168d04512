//! `PathAccess`: what a caller can do with a field of a document.

use async_graphql::SimpleObject;
use fieldguard_guard::guarded;

use crate::access::field_access::FieldAccess;

/// What a caller can do with a field at a place in a document.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct PathAccess {
    /// The response keys that lead to the field, with aliases and without list indexes. Below an interface, a path appears once for each possible type.
    pub(crate) path: Vec<String>,
    /// The argument of the field that exposes another field, such as `filter.email`. `access` is then about the exposed field: without it, you can't filter or sort by it, and the field at the path is refused. Null for the field itself. Arguments given by variables count as given.
    pub(crate) argument: Option<String>,
    /// The field and the caller's access to it. `DEPENDS` means that it depends on the owner of the value.
    pub(crate) access: FieldAccess,
    /// Whether execution reaches the field: no field above it and no argument before it is denied.
    pub(crate) is_reached: bool,
}
