//! The tables as sea-orm entities, one file each. Entities are private to the store, so that a new column does not
//! become public by itself. `migration/` creates the tables.

pub mod account;
pub mod account_role;
pub mod deployment;
pub mod hidden;
pub mod password_reset;
pub mod personal_access_token;
pub mod profile;
pub mod recovery_code;
pub mod role;
pub mod role_permission;
pub mod secret;
pub mod security_event;
pub mod session;
pub mod sign_in_challenge;
pub mod signing_key;
pub mod totp_secret;
