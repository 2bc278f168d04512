//! Sessions: create, continue with refresh tokens, list and revoke. [`super::principals`] checks the session of a
//! request, in one query with the rest.

mod authenticate;
mod begin;
mod chain;
mod list;
mod revoke;

pub use authenticate::note_authenticated;
pub use begin::{insert, revoke_surplus};
pub use chain::{Held, hold, mark_used, note_repeat, rotate};
pub use list::{find, list, live, live_of};
pub use revoke::{revoke, revoke_all};
