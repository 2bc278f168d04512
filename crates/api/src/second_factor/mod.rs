//! Second factors: authenticator apps and recovery codes.

pub mod inputs;
pub mod mutation;
pub mod payloads;
pub mod second_factor_type;
