//! The schema: rules on fields, and what is made of them. It knows the use cases, and nothing of the database or of HTTP.

pub mod access;
pub mod caller;
pub mod directive;
pub mod guard;
pub mod registry;
