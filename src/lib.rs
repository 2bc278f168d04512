//! Fieldguard: a self-hosted GraphQL server for accounts and access, whose schema is its access policy.
//!
//! # The layers
//!
//! Each layer is a crate that knows only the crates below it. This crate builds the server from them and re-exports
//! them under short names:
//!
//! - [`policy`]: rules and decisions, for any kind of server. Start with [`policy::rule`].
//! - [`guard`]: enforces the rules of the fields of any GraphQL schema.
//! - [`domain`]: accounts, roles and sessions, without I/O.
//! - [`store`]: the database, one function per query.
//! - [`auth`]: password hashing, tokens and keys.
//! - [`accounts`]: the use cases, one verb per file.
//! - [`api`]: the schema for accounts and access, one folder per topic.
//! - [`listener`]: manages connections for any axum router.
//! - [`fieldguard_http`]: GraphQL over HTTP, for any schema.
//!
//! This crate holds [`http`], the routes; [`app`], which assembles the layers; [`config`] and [`cli`], the settings and
//! the command line; [`webhooks`], which sends events to a receiver; [`mail`], which sends mails to users; and [`telemetry`], the log.
//!
//! To build your own guarded API on Fieldguard, read [`guard`].

pub mod app;
pub mod cli;
pub mod config;
pub mod http;
mod http_client;
pub mod mail;
pub mod telemetry;
pub mod webhooks;

pub use fieldguard_accounts as accounts;
pub use fieldguard_api as api;
pub use fieldguard_auth as auth;
pub use fieldguard_domain as domain;
pub use fieldguard_guard as guard;
pub use fieldguard_guard::guarded;
pub use fieldguard_guard::policy;
pub use fieldguard_listener as listener;
pub use fieldguard_store as store;
