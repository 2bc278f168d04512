//! The GraphQL schema of accounts and access: types, resolvers, and audit events of requests. `fieldguard_guard` enforces the rules.
//!
//! Queries are split by audience ([`public`], [`viewer`], [`admin`]), so that a new field gets the rule of the block it is in. Types
//! and mutations are in one folder per topic, with `inputs` and `payloads`. A resolver calls one use case and converts its result.
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
//! It does not know HTTP or the database.

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
pub mod second_factor;
pub mod server;
pub mod services;
pub mod sessions;
pub mod settings;
pub mod tokens;
pub mod users;
pub mod view_as;
pub mod viewer;
pub mod webhooks;

use async_graphql::{EmptySubscription, MergedObject, Schema, SchemaBuilder};
use fieldguard_guard::conventions::Conventions;

use fieldguard_domain::role::ADMIN;

/// How this server words its rules.
pub const CONVENTIONS: Conventions = Conventions {
    superuser: Some(ADMIN),
    ownership: "account ownership",
    signed_in: "a signed-in user",
    session: "a session: a personal access token is not enough",
    two_factors: "a session with two factors: sign in with your password and a code of your authenticator app",
    fresh_session: "a fresh session: call `reauthenticate`, then try again",
};

/// All queries of Fieldguard, to merge into a query root.
#[derive(MergedObject, Default)]
pub struct Queries(public::PublicQuery, viewer::ViewerQuery, admin::AdminQuery);

/// All mutations of Fieldguard, to merge into a mutation root.
#[derive(MergedObject, Default)]
pub struct Mutations(
    public::PublicMutation,
    viewer::ViewerMutation,
    users::mutation::UserMutation,
    roles::mutation::RoleMutation,
    webhooks::mutation::WebhookMutation,
    second_factor::mutation::SecondFactorMutation,
);

/// The queries of the server.
#[derive(MergedObject, Default)]
pub struct Query(Queries);

/// The mutations of the server.
#[derive(MergedObject, Default)]
pub struct Mutation(Mutations);

/// The schema without data: to print it, list its rules or extend it.
#[must_use]
pub fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
}
