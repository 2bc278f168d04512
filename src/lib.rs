//! Fieldguard: a self-hosted GraphQL server for accounts and access, whose schema is its access policy.
//!
//! # The layers
//!
//! A layer is a crate that knows only those below it; this one builds the server from them and shows them under their short names:
//!
//! - [`policy`]: rules and their decision, for servers of every kind. Start at [`policy::rule`]: it is what the product is about.
//! - [`guard`]: holds the fields of a GraphQL schema, whichever it is, to their rules.
//! - [`domain`]: accounts, roles and sessions, without I/O.
//! - [`store`]: the database, one function for each question to it.
//! - [`auth`]: password hashing, tokens and keys.
//! - [`accounts`]: the use cases, a verb per file.
//! - [`api`]: the schema of accounts and access, a folder for each topic.
//! - [`listener`]: connections, which it keeps in order for any router of axum.
//! - [`fieldguard_http`]: GraphQL over HTTP, for any schema.
//!
//! Here are [`http`]: the routes; [`app`]: builds the layers on each other; [`config`] and [`cli`]: with which settings and to what
//! end; [`telemetry`]: the log.
//!
//! To build a guarded API of your own on it, read [`guard`].

pub mod app;
pub mod cli;
pub mod config;
pub mod http;
pub mod telemetry;

pub use fieldguard_accounts as accounts;
pub use fieldguard_api as api;
pub use fieldguard_auth as auth;
pub use fieldguard_domain as domain;
pub use fieldguard_guard as guard;
pub use fieldguard_guard::guarded;
pub use fieldguard_guard::policy;
pub use fieldguard_listener as listener;
pub use fieldguard_store as store;
