//! What the server tells of itself.

pub mod account_statistics;
pub mod admin_overview;
pub mod database_kind;
pub mod password_rules;
pub mod server_info;
pub mod server_limits;
