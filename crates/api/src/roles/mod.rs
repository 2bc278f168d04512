//! Roles and permissions.

pub mod inputs;
pub mod mutation;
pub mod payloads;
pub mod permission;
pub mod role;
