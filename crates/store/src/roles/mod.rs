//! Roles with their permissions, included roles and holders. Code, not data, defines what a permission means.

mod assemble;
mod assign;
mod change;
pub(crate) mod closure;
mod holders;
mod read;

pub use assign::{assign, give};
pub use change::{delete, insert, replace};
pub use holders::{live_sessions, void_resets};
pub use read::{find, list, named, of_user, of_users};
