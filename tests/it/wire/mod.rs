//! GraphQL over HTTP, connections and CORS, tested with raw bytes over sockets against the product's listener.

mod abandoned;
mod answers;
mod connections;
mod cors;
mod framing;
mod methods;
mod mutations;
mod panics;
mod proxied;
pub mod raw;
mod unread;
