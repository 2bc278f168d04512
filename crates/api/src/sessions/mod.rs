//! Signing in, staying signed in, signing out.

pub mod auth_payload;
pub mod login_input;
pub mod logout_input;
pub mod payloads;
pub mod refresh_cookie;
pub mod refresh_input;
pub mod session;
pub mod token_delivery;
pub mod token_type;
