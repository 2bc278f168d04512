//! Personal access tokens: made, listed, used, taken back. A token that is taken back is gone. Whether one is good for a
//! request is asked through [`super::principals`], in one question with the rest.

mod change;
mod list;

pub use change::{forget_expired, insert, note_use, revoke, revoke_all};
pub use list::{find, list, live_of};
