//! The schema: rules, resolvers, types, and what a document may cost.
//!
//! The roots are split by audience ([`public`], [`viewer`], [`admin`]), so that a new field is guarded by where it is
//! written. Resolvers hold three things: the context, one call of a use case, the wrapping of its answer. Nothing here
//! knows HTTP or the database.

pub mod access;
pub mod admin;
mod admission;
mod authorize;
pub mod caller;
mod caller_view;
pub mod cost_directives;
pub mod directive;
mod documents;
pub mod door;
pub mod error;
pub mod execute;
mod explain;
pub mod failure;
pub mod guard;
pub mod id;
mod input_values;
pub mod introspection;
mod lexer;
pub mod limits;
pub mod loaders;
mod normalized_operation;
pub mod on_denied;
mod ownership;
pub mod public;
pub mod reads;
pub mod refresh_cookie;
pub mod refusals;
pub mod registry;
pub mod resolution;
pub mod roles;
pub mod services;
pub mod settings;
mod telling;
pub mod types;
pub mod unanswered;
pub mod user_admin;
mod validation;
pub mod view_as;
pub mod viewer;

use async_graphql::{EmptySubscription, MergedObject, Schema, SchemaBuilder};

/// Every query of Fieldguard, to be merged into a root: its own, or an adopter's with more beside it.
#[derive(MergedObject, Default)]
pub struct Queries(public::PublicQuery, viewer::ViewerQuery, admin::AdminQuery);

/// Every mutation of Fieldguard, to be merged into a root.
#[derive(MergedObject, Default)]
pub struct Mutations(
    public::PublicMutation,
    viewer::ViewerMutation,
    admin::AdminMutation,
    user_admin::UserAdminMutation,
    roles::RolesMutation,
);

/// Questions one can ask of the server.
#[derive(MergedObject, Default)]
pub struct Query(Queries);

/// Changes one can ask of the server.
#[derive(MergedObject, Default)]
pub struct Mutation(Mutations);

/// The bare schema, without any data: enough to print it, to list its rules and to extend it.
#[must_use]
pub fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
}
