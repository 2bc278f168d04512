//! Personal access tokens, for scripts.

pub mod access_token;
pub mod create_access_token_input;
pub mod payloads;
