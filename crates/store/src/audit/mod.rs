//! The audit trail as the database keeps it: every row holds the hash of the row before it and its own, and one row beside
//! them, the head, knows the last of them and the last that was pruned. So a row that is changed, removed, added or moved
//! is found by [`verify`], the newest included.
//!
//! What it cannot find: whoever can write to the database as this program does can write a whole new trail. Against him
//! helps only a hash that is kept elsewhere, which [`verify`] takes.
//!
//! Rows are written by the transaction of the change they speak of, as the last thing it does (see
//! [`Tx::note`](super::Tx::note)): the head is one lock for all writers, and whoever waits for it holds no one up.

mod accesses;
mod address;
mod append;
mod forget;
mod hash;
mod head;
mod list;
mod prune;
mod row;
mod subjects;
mod verify;

pub use accesses::accesses;
pub(super) use append::append;
pub use forget::addresses as forget_addresses;
pub use list::{find, list, tail};
pub use prune::prune;
pub use subjects::subjects;
pub use verify::verify;
pub(super) use verify::verify_in;
