//! What resolvers find in their context: use cases, settings, the caller.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::Context;
use fieldguard_accounts::Accounts;
use fieldguard_domain::{principal::Principal, session::Client};
use fieldguard_guard::{
    SchemaView,
    caller::Caller,
    policy,
    registry::{Member, Policy},
};

use crate::{
    error::{ApiError, Code},
    settings::Settings,
};

/// The use cases.
#[must_use]
pub fn accounts<'a>(ctx: &Context<'a>) -> &'a Accounts {
    ctx.data_unchecked()
}

/// The settings that clients see.
#[must_use]
pub fn settings<'a>(ctx: &Context<'a>) -> &'a Settings {
    ctx.data_unchecked()
}

/// The principal, in a field whose rule requires one.
///
/// # Errors
///
/// `UNAUTHENTICATED` if there is none. The rule has refused the request before.
pub fn principal<'a>(ctx: &Context<'a>) -> Result<&'a Principal, ApiError> {
    caller(ctx).ok_or_else(|| ApiError::new(Code::Unauthenticated, "Sign in first."))
}

/// The principal, or nothing for an anonymous caller.
#[must_use]
pub fn caller<'a>(ctx: &Context<'a>) -> Option<&'a Principal> {
    ctx.data_opt::<Caller>()?.principal()
}

/// The rules of the schema.
#[must_use]
pub fn policy<'a>(ctx: &Context<'a>) -> &'a Policy {
    ctx.data_unchecked::<Arc<Policy>>()
}

/// The caller, and every field that introspection shows them, by coordinate.
#[must_use]
pub fn seen<'a>(ctx: &Context<'a>) -> (Option<&'a dyn policy::Principal>, BTreeMap<&'a str, &'a Member>) {
    let caller = Caller::of(ctx);
    let shows_all = SchemaView::is_whole(ctx);
    (caller, if shows_all { policy(ctx).all() } else { policy(ctx).seen(caller) })
}

/// The client of the request and the coordinate of the mutation it calls.
#[must_use]
pub fn client(ctx: &Context<'_>) -> Client {
    let root = ctx.schema_env.registry.mutation_type.as_deref().unwrap_or_default();
    let coordinate = Some(format!("{root}.{}", ctx.field().name()));
    Client { coordinate, ..ctx.data_opt::<Client>().cloned().unwrap_or_default() }
}
