//! Fieldguard: a self-hosted GraphQL server for accounts and access, whose schema is its access policy.
//!
//! # The layers
//!
//! ```text
//! app ─► http ─► graphql ─► guard ─► policy
//!          │        └─────► accounts ─► store, auth ─► domain ─► policy
//!          └─► listener
//! ```
//!
//! A layer knows only what is below it. The lower ones are crates of their own, which this one shows under their short names;
//! of `graphql` and `http`, `tests/it/layers.rs` reads the sources and fails on a trespass.
//!
//! - [`policy`]: rules and their decision, for servers of every kind. Start at [`policy::rule`]: it is what the product is about.
//! - [`guard`]: holds the fields of a GraphQL schema, whichever it is, to their rules.
//! - [`domain`]: accounts, roles and sessions, without I/O.
//! - [`store`]: the database, one function per question asked of it.
//! - [`auth`]: password hashing, tokens and keys.
//! - [`accounts`]: the use cases, a verb per file.
//! - [`graphql`]: the schema of accounts and access. Look a field up by its name under `graphql/types`.
//! - [`listener`]: connections, which it keeps in order for any router of axum.
//! - [`http`]: GraphQL over HTTP, the page at `/`, health.
//! - [`app`]: builds the layers on each other. [`config`] and [`cli`] say with which settings and to what end.
//!
//! To build a guarded API of your own on it, read [`guard`].

pub mod app;
pub mod cli;
pub mod config;
pub mod graphql;
pub mod http;
pub mod telemetry;

pub use fieldguard_accounts as accounts;
pub use fieldguard_auth as auth;
pub use fieldguard_domain as domain;
pub use fieldguard_guard as guard;
pub use fieldguard_guard::guarded;
pub use fieldguard_guard::policy;
pub use fieldguard_listener as listener;
pub use fieldguard_store as store;
