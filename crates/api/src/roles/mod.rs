//! Roles and permissions.

pub mod create_role_input;
pub mod mutation;
pub mod payloads;
pub mod permission;
pub mod role;
pub mod update_role_input;
