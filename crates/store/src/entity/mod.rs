//! The tables as sea-orm sees them, one file each. Nothing outside the store sees an entity, so that a new column does not
//! become public by itself; `migration/` makes the tables.

pub mod access_token;
pub mod account;
pub mod account_role;
pub mod deployment;
pub mod hidden;
pub mod password_reset;
pub mod role;
pub mod role_permission;
pub mod secret;
pub mod security_event;
pub mod session;
pub mod signing_key;
