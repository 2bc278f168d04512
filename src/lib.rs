//! Fieldguard: a self-hosted GraphQL server for accounts and access, whose schema is its access policy.
//!
//! # The map of the building
//!
//! ```text
//! http ─► graphql ─► accounts ─► store, auth ─► domain        app sees all; nothing sees app
//! axum    async-graphql          sea-orm  argon2, jsonwebtoken
//! ```
//!
//! A floor knows only what is below it; `tests/it/floors.rs` reads the sources and fails on a trespass.
//!
//! - [`domain`]: the words and the rules, without I/O. Start at [`domain::rule`]: it is what the product is about.
//! - [`store`]: the database, one function per question asked of it.
//! - [`auth`]: password hashing, tokens and keys.
//! - [`accounts`]: the use cases, a verb per file.
//! - [`graphql`]: the schema. Start at [`graphql::guard`], then look a field up by its name under `graphql/types`.
//! - [`http`]: GraphQL over HTTP, the page at `/`, health.
//! - [`app`]: builds the floors on each other. [`config`] and [`cli`] say with which settings and to what end.
//!
//! To build a guarded API of your own on it, read [`guarded`].

// The macro writes `::fieldguard::…`, here as in an adopter's crate.
extern crate self as fieldguard;

pub mod auth;
pub mod domain;

pub use fieldguard_macros::guarded;
