//! What the whole program does, laid out like the API. One binary, so that it links once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and the line says where")]

mod actor;
mod admin;
mod answers;
mod app;
mod database;
mod guarded;
mod login;
mod register;
mod store;
mod tokens;
mod viewer;
