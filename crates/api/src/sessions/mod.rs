//! Signing in, staying signed in, signing out.

pub mod auth_payload;
pub mod authentication_method;
pub mod inputs;
pub mod payloads;
pub mod refresh_cookie;
pub mod session;
pub mod sign_in_step;
pub mod token_delivery;
pub mod token_type;
