//! What the whole program does, laid out like the API.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod database;
mod store;
