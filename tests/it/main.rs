//! What the whole program does, laid out like the API. One binary, so that it links once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and the line says where")]

mod access_table;
mod actor;
mod app;
mod database;
mod floors;
mod guarded;
mod introspection;
mod limits;
mod login;
mod register;
mod schema;
mod snapshot;
mod store;
mod walk;
