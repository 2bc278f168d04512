//! The stored audit log. Every event has the hash of the previous event and its own. A separate row, the head, records
//! the last event and the last pruned one. So [`verify`] finds every event that was changed, removed, added or moved,
//! the newest included.
//!
//! It cannot detect an attacker who can write to the database as this program does, and rewrites the whole log. Only a
//! hash that is stored elsewhere helps against that; [`verify`] accepts one.
//!
//! The transaction of a change writes its audit events last (see [`Tx::note`](super::Tx::note)): the head is one lock
//! for all writers, and a transaction that waits for it must not block others. Events that belong to no change are
//! written by an [`Appender`], which usually needs one statement.

mod accesses;
mod address;
mod append;
mod appender;
mod forget;
mod hash;
mod head;
mod list;
mod observer;
mod prune;
mod row;
mod subjects;
mod verify;

pub use accesses::accesses;
pub(super) use append::append;
pub use appender::Appender;
pub use forget::addresses as forget_addresses;
pub use list::{find, list, tail};
pub(super) use observer::Observer;
pub use prune::prune;
pub use subjects::subjects;
pub use verify::verify;
pub(super) use verify::verify_in;
