//! What a document may cost, checked before the work is done.

pub mod nesting;
