//! What the whole program does, laid out like the API. One binary, so that it links once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and the line says where")]

mod actor;
mod app;
mod database;
mod guarded;
mod hostile;
mod login;
mod register;
mod store;
mod wire;
