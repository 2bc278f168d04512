//! The library's type registry, read and completed: descriptions that end with the rule, what a role sees of the schema,
//! and the faults a schema can have. It reads rules back from the directives and enforces none.
//!
//! The registry is the library's own, which no version promises to keep; this module alone looks into it.

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

/// The same schema, completed: each guarded field's description ends with its rule, an interface's field has the rule of its
/// strictest implementer, and a root without a field that the caller sees is hidden. Its data has its [`Policy`], as an `Arc`, for
/// resolvers and for what runs it. Call it once, when every type is registered.
#[must_use]
pub fn complete<Q, M, S>(builder: SchemaBuilder<Q, M, S>, conventions: &Conventions) -> SchemaBuilder<Q, M, S> {
    let (builder, policy) = with(builder, |registry| {
        complete::complete(registry, conventions);
        Policy::of(registry)
    });
    builder.data(Arc::new(policy.with(*conventions)))
}

/// The schema as `caller` sees it (none: an anonymous request): without the fields hidden from it, and without the types
/// that are then out of reach. It is for printing; the types it lost make it unfit to answer.
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

/// The policy of the schema that the request in `ctx` runs on. One that was not completed is read anew each time.
pub(crate) fn policy(ctx: &Context<'_>) -> Arc<Policy> {
    let known = ctx.data_opt::<Arc<Policy>>().cloned();
    known.unwrap_or_else(|| Arc::new(Policy::of(&ctx.schema_env.registry)))
}

/// What `look` finds in the schema's registry, and the schema unchanged.
pub fn inspect<Q, M, S, T>(
    builder: SchemaBuilder<Q, M, S>,
    look: impl FnOnce(&Registry) -> T,
) -> (SchemaBuilder<Q, M, S>, T) {
    with(builder, |registry| look(registry))
}

/// The same schema with other types.
pub(super) fn replace<Q, M, S>(builder: SchemaBuilder<Q, M, S>, types: Registry) -> SchemaBuilder<Q, M, S> {
    with(builder, |registry| *registry = types).0
}

/// Lends the builder's registry to `work`. The builder shows it only to a type that registers itself, so one such
/// type carries it out and another brings it back; a type is no value and can hold nothing, hence the thread's cell.
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

/// Exchanges the registry it is shown for the one held.
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

/// Is the type or field the library's own: introspection, or Apollo Federation's plumbing?
fn is_system(name: &str) -> bool {
    name.starts_with("__") || ["_Any", "_Entity", "_Service", "_entities", "_service"].contains(&name)
}
