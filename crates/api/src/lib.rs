//! The GraphQL schema of accounts and access: resolvers and types, and what a request leaves behind beside its answer. What holds
//! the fields to their rules is `fieldguard_guard`.
//!
//! The roots are split by audience ([`public`], [`viewer`], [`admin`]), so that a new field is guarded by where it is written; the
//! types stand in a folder for each topic. Resolvers hold three things: the context, one call of a use case, the wrapping of its
//! answer.
//!
//! ```
//! use fieldguard_api::{CONVENTIONS, schema};
//! use fieldguard_guard::registry;
//!
//! let (schema, rows) = registry::inspect(registry::complete(schema(), &CONVENTIONS), registry::rows);
//! assert!(rows.iter().any(|row| row.coordinate == "User.email"));
//! assert!(schema.finish().sdl().contains(r#"email: String @auth(permission: "users:read", orSelf: true)"#));
//! ```
//!
//! What it does not do: it knows neither HTTP nor the database.

pub mod access;
pub mod admin;
pub mod audit;
pub mod error;
pub mod execute;
pub mod id;
pub mod input_error_reason;
pub mod node;
pub mod pages;
pub mod profile;
pub mod public;
pub mod reads;
pub mod refusals;
pub mod roles;
pub mod server;
pub mod services;
pub mod sessions;
pub mod settings;
pub mod tokens;
pub mod users;
pub mod view_as;
pub mod viewer;

use async_graphql::{EmptySubscription, MergedObject, Schema, SchemaBuilder};
use fieldguard_guard::conventions::Conventions;

use fieldguard_domain::role::ADMIN;

/// How this server words its rules.
pub const CONVENTIONS: Conventions = Conventions {
    superuser: Some(ADMIN),
    ownership: "account ownership",
    signed_in: "a signed-in user",
    session: "a session: a personal access token is not enough",
    fresh_session: "a fresh session: call `reauthenticate`, then try again",
};

/// Every query of Fieldguard, to be merged into a root: its own, or an adopter's with more beside it.
#[derive(MergedObject, Default)]
pub struct Queries(public::PublicQuery, viewer::ViewerQuery, admin::AdminQuery);

/// Every mutation of Fieldguard, to be merged into a root.
#[derive(MergedObject, Default)]
pub struct Mutations(
    public::PublicMutation,
    viewer::ViewerMutation,
    users::mutation::UserMutation,
    roles::mutation::RoleMutation,
);

/// The queries of the server.
#[derive(MergedObject, Default)]
pub struct Query(Queries);

/// The mutations of the server.
#[derive(MergedObject, Default)]
pub struct Mutation(Mutations);

/// The bare schema, without any data: enough to print it, to list its rules and to extend it.
#[must_use]
pub fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
}
