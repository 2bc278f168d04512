//! The wire: GraphQL over HTTP, connections, other sites' pages. Raw bytes over real sockets, against the product's own
//! listener.

mod abandoned;
mod answers;
mod connections;
mod cors;
mod framing;
mod methods;
mod mutations;
mod panics;
pub mod raw;
mod unread;
