//! Reads and completes async-graphql's type registry: descriptions with rules, the part of the schema that a caller
//! sees, and the faults of a schema. It reads rules back from the directives and enforces none.
//!
//! The registry is internal to async-graphql and can change with any version. Only this module accesses it.

mod audit;
mod complete;
mod copy;
mod demands;
mod policy;
mod reach;
mod restrict;
mod rows;
mod sizes;
mod type_system;
mod unusable;

use std::{borrow::Cow, cell::Cell, mem, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, SchemaBuilder, ServerResult, Value, parser::types::Field,
    registry::Registry,
};

pub(super) use self::copy::copy;
pub use self::{
    audit::{Fault, audit},
    policy::{Member, Policy, Type},
    rows::{Row, rows, rules_of},
    type_system::{Composite, Input, InputKind, Inputs, OutputField, Path, TypeSystem},
    unusable::unusable,
};
use fieldguard_policy::Principal;

use crate::conventions::Conventions;

/// Completes a schema. The description of each guarded field ends with its rule, an interface field gets the rule of
/// its strictest implementer, and a root type is hidden from callers who see none of its fields. The schema's data gets
/// the [`Policy`] as an `Arc`. Call it once, after all types are registered.
#[must_use]
pub fn complete<Q, M, S>(builder: SchemaBuilder<Q, M, S>, conventions: &Conventions) -> SchemaBuilder<Q, M, S> {
    let (builder, policy) = with(builder, |registry| {
        complete::complete(registry, conventions);
        Policy::of(registry)
    });
    builder.data(Arc::new(policy.with(*conventions)))
}

/// Restricts the schema to what `caller` sees (`None`: an anonymous caller): removes the fields hidden from it and the
/// types that are then unreachable. Use it only for printing; a schema with removed types can't run.
#[must_use]
pub fn restrict<Q, M, S>(builder: SchemaBuilder<Q, M, S>, caller: Option<&dyn Principal>) -> SchemaBuilder<Q, M, S> {
    with(builder, |registry| restrict::restrict(registry, caller)).0
}

/// The part of the types in `registry` that `caller` sees.
pub(super) fn restricted(registry: &Registry, caller: Option<&dyn Principal>) -> Registry {
    let mut part = copy(registry);
    restrict::restrict(&mut part, caller);
    part
}

/// The policy of the schema that the request in `ctx` runs on. For a schema that is not completed, it is computed on
/// every call.
pub(crate) fn policy(ctx: &Context<'_>) -> Arc<Policy> {
    let known = ctx.data_opt::<Arc<Policy>>().cloned();
    known.unwrap_or_else(|| Arc::new(Policy::of(&ctx.schema_env.registry)))
}

/// Calls `look` with the schema's registry and returns the schema unchanged.
pub fn inspect<Q, M, S, T>(
    builder: SchemaBuilder<Q, M, S>,
    look: impl FnOnce(&Registry) -> T,
) -> (SchemaBuilder<Q, M, S>, T) {
    with(builder, |registry| look(registry))
}

/// Replaces the schema's types.
pub(super) fn replace<Q, M, S>(builder: SchemaBuilder<Q, M, S>, types: Registry) -> SchemaBuilder<Q, M, S> {
    with(builder, |registry| *registry = types).0
}

/// Lends the builder's registry to `work`. The builder passes its registry only to a type that registers itself, so one
/// such type takes it out and puts it back. A type has no value to store it in, so a thread-local cell holds it.
fn with<Q, M, S, T>(
    builder: SchemaBuilder<Q, M, S>,
    work: impl FnOnce(&mut Registry) -> T,
) -> (SchemaBuilder<Q, M, S>, T) {
    let builder = builder.register_output_type::<Exchange>();
    let mut registry = HELD.take();
    let result = work(&mut registry);
    HELD.set(registry);
    (builder.register_output_type::<Exchange>(), result)
}

thread_local! {
    static HELD: Cell<Registry> = Cell::default();
}

/// Swaps the registry it gets with the one in the cell.
struct Exchange;

impl OutputType for Exchange {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        HELD.set(mem::replace(registry, HELD.take()));
        String::new()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

/// Whether the type or field belongs to introspection or Apollo Federation.
fn is_system(name: &str) -> bool {
    name.starts_with("__") || ["_Any", "_Entity", "_Service", "_entities", "_service"].contains(&name)
}
