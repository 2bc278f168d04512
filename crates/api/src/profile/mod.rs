//! What users do with their own account.

pub mod inputs;
pub mod payloads;
