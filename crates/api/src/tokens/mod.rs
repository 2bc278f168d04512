//! Personal access tokens, for scripts.

pub mod inputs;
pub mod payloads;
pub mod personal_access_token;
