//! What the server says about itself.

pub mod admin_overview;
pub mod database_type;
pub mod password_rules;
pub mod server_info;
pub mod server_limits;
pub mod user_statistics;
