//! What the whole program does, laid out like the API.

mod database;
mod store;
