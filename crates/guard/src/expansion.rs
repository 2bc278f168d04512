//! What the output of [`guarded`](crate::guarded) calls. Not for people: it changes with the macro.

use std::borrow::Cow;

pub use async_graphql::{Context, Error, Object, OutputType, SubscriptionType};
use async_graphql::{
    TypeDirective, Value,
    registry::{MetaDirectiveInvocation, Registry, location_traits},
};
use fieldguard_policy::{Principal, rule::Rule};

use crate::{
    Owned,
    caller::Caller,
    directive::{self, HIDDEN_NULL},
    exposes, located, refusal,
};

/// `@auth` on a field that answers a `T`, which cannot be null by its spelling.
#[derive(Debug, Clone, Copy)]
pub struct Auth;

impl Auth {
    /// The directive that says `rule`; with a mark for the audit where a `T` can be null.
    #[must_use]
    pub fn apply<T: OutputType>(rule: &Rule) -> MetaDirectiveInvocation {
        let mut invocation = directive::Auth::apply(rule);
        if !T::qualified_type_name().ends_with('!') {
            invocation.args.insert(HIDDEN_NULL.to_owned(), Value::from(true));
        }
        invocation
    }
}

impl TypeDirective for Auth {
    fn name(&self) -> Cow<'static, str> {
        directive::Auth.name()
    }

    fn register(&self, registry: &mut Registry) {
        directive::Auth.register(registry);
    }
}

impl location_traits::Directive_At_FIELD_DEFINITION for Auth {}

/// Decides `rules`, of which none makes way for an owner, for the request in `ctx`.
///
/// # Errors
///
/// The refusal, complete for the client.
#[inline]
pub fn check(ctx: &Context<'_>, rules: &[Rule], type_name: fn() -> Cow<'static, str>) -> Result<(), Error> {
    let caller = Caller::of(ctx);
    rules.iter().try_for_each(|rule| decide(ctx, rule, caller, false, type_name))
}

/// The same where rules make way for the owner of `value`. Whose it is, is asked only there.
///
/// # Errors
///
/// The refusal, complete for the client.
#[inline]
pub fn check_owned<T: Owned + ?Sized>(
    ctx: &Context<'_>,
    rules: &[Rule],
    value: &T,
    type_name: fn() -> Cow<'static, str>,
) -> Result<(), Error> {
    let caller = ctx.data_opt::<Caller>();
    for rule in rules {
        let is_own = rule.yields_to_owner() && value.is_owned_by(caller.and_then(Caller::principal));
        decide(ctx, rule, caller.and_then(Caller::rules), is_own, type_name)?;
        if rule.yields_to_owner() && !is_own {
            value.note_read(ctx, type_name);
        }
    }
    Ok(())
}

/// Holds the arguments that are given to the field in `ctx` to the rules of the fields of which they tell.
///
/// # Errors
///
/// The refusal, complete for the client.
#[inline]
pub fn check_arguments(ctx: &Context<'_>, type_name: fn() -> Cow<'static, str>) -> Result<(), Error> {
    if ctx.item.node.arguments.is_empty() {
        return Ok(());
    }
    exposes::check(ctx, type_name).map_err(|error| located::locate(ctx, error))
}

fn decide(
    ctx: &Context<'_>,
    rule: &Rule,
    caller: Option<&dyn Principal>,
    is_own: bool,
    type_name: fn() -> Cow<'static, str>,
) -> Result<(), Error> {
    rule.decide(caller, is_own).map_err(|reason| refusal::build(ctx, rule, reason, Some(type_name)))
}

/// The author's own error, with the place it happened at.
#[cold]
pub fn failed(ctx: &Context<'_>, error: impl Into<Error>) -> Error {
    located::locate(ctx, error.into())
}
