//! The refusal a client reads: what was refused, and what it would have needed. It decides nothing.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, Error, ErrorExtensionValues, Name, Value, indexmap::IndexMap};
use fieldguard_policy::{
    Principal,
    missing::Missing,
    rule::{Refusal, Rule},
};

use super::{caller::Caller, conventions::Conventions, coordinate, located, registry::Policy};

/// The refusal of the field in `ctx`, which `rule` refused for `reason`; `type_name` names the type the field is of.
#[cold]
#[inline(never)]
pub(super) fn build(
    ctx: &Context<'_>,
    rule: &Rule,
    reason: Refusal,
    type_name: Option<fn() -> Cow<'static, str>>,
) -> Error {
    let error = of(conventions(ctx), &coordinate::of(ctx, type_name), rule, reason, Caller::of(ctx));
    located::locate(ctx, error)
}

/// What the server that runs the request in `ctx` says of rules.
fn conventions<'a>(ctx: &Context<'a>) -> &'a Conventions {
    ctx.data_opt::<Arc<Policy>>().map_or(&Conventions::PLAIN, |policy| policy.conventions())
}

/// The refusal of an `argument` that tells of the field at `coordinate`, which `rule` refuses `caller` for `reason`.
#[cold]
pub(crate) fn of_argument(
    conventions: &Conventions,
    rule: &Rule,
    reason: Refusal,
    coordinate: &str,
    argument: &str,
    caller: Option<&dyn Principal>,
) -> Error {
    let mut error = of(conventions, coordinate, rule, reason, caller);
    error.message = format!("The argument `{argument}` tells of `{coordinate}`. {}", error.message);
    error.extensions.get_or_insert_default().set("argument", argument);
    error
}

/// The refusal of the field at `coordinate`, which `rule` refused `caller` for `reason`, without its place in an answer.
pub(crate) fn of(
    conventions: &Conventions,
    coordinate: &str,
    rule: &Rule,
    reason: Refusal,
    caller: Option<&dyn Principal>,
) -> Error {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code(reason));
    extensions.set("coordinate", coordinate);
    extensions.set("requires", requires(rule));
    extensions.set("reason", Missing::reason(rule, reason, caller));
    let mut error = Error::new(conventions.refusal(coordinate, rule, reason));
    error.extensions = Some(extensions);
    error
}

/// The refusal of a field of which only its value would tell whose it is, in an operation that is to be refused as a whole.
pub(crate) fn undecided(
    conventions: &Conventions,
    coordinate: &str,
    rule: &Rule,
    reason: Refusal,
    caller: Option<&dyn Principal>,
) -> Error {
    let mut error = of(conventions, coordinate, rule, reason, caller);
    error.message = format!(
        "`{coordinate}` needs {}, and whose it is would be known only after the operation ran, which is to be refused as a \
         whole then.",
        conventions.phrase(rule),
    );
    error.extensions.get_or_insert_default().set("reason", "OWNER_UNKNOWN");
    error
}

const fn code(reason: Refusal) -> &'static str {
    match reason {
        Refusal::Unauthenticated => "UNAUTHENTICATED",
        Refusal::Forbidden | Refusal::NoSession | Refusal::NotFresh => "FORBIDDEN",
    }
}

/// The demands as data: only those there are.
fn requires(rule: &Rule) -> Value {
    let mut demands = IndexMap::new();
    if let Some(role) = rule.demanded_role() {
        demands.insert(Name::new("role"), Value::from(role));
    }
    if let Some(permission) = rule.demanded_permission() {
        demands.insert(Name::new("permission"), Value::from(permission.name()));
    }
    if rule.demands_fresh() {
        demands.insert(Name::new("fresh"), Value::from(true));
    } else if rule.demands_session() {
        demands.insert(Name::new("session"), Value::from(true));
    }
    if demands.is_empty() {
        demands.insert(Name::new("signedIn"), Value::from(true));
    }
    if rule.yields_to_owner() {
        demands.insert(Name::new("orSelf"), Value::from(true));
    }
    Value::Object(demands)
}
