//! Personal access tokens: create, list, use and revoke. A revoked token is deleted. [`super::principals`] checks the
//! token of a request, in one query with the rest.

mod change;
mod list;

pub use change::{forget_expired, insert, note_use, revoke, revoke_all};
pub use list::{find, list, live_of};
