//! Roles, what they permit, and who holds them. What a permission means is decided in code, not here.

mod assign;
mod read;

pub use assign::{assign, give};
pub use read::{find, list, of_user, of_users};
