//! Limits the size of a document's normal form. A condition on an interface expands to one selection per object type,
//! so a few nested selections on interfaces can become very many.

use super::within;
use crate::failure::Failure;

/// The error for a document whose normal form has more fields than `maximum`, the limit on selections.
#[must_use]
pub fn too_large(maximum: usize) -> Failure {
    match within("selections", maximum + 1, maximum) {
        Err(failure) => failure,
        Ok(()) => unreachable!("one more than the maximum is beyond it"),
    }
}
