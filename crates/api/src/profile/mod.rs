//! What people do with their own account, and how they come to one.

pub mod change_password_input;
pub mod payloads;
pub mod register_input;
pub mod reset_password_input;
pub mod update_profile_input;
