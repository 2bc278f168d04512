//! Sessions: create, continue with refresh tokens, list and revoke. [`super::principals`] checks the session of a
//! request, in one query with the rest.

mod authenticate;
mod begin;
mod chain;
mod end;
mod list;

pub use authenticate::note_authenticated;
pub use begin::{end_surplus, insert};
pub use chain::{Held, hold, mark_used, note_repeat, rotate};
pub use end::{end, end_all};
pub use list::{find, list, live, live_of};
