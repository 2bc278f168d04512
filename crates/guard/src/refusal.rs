//! The error for a denied field: what was denied and what it requires. This module decides nothing.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, Error, ErrorExtensionValues, Name, Value, indexmap::IndexMap};
use fieldguard_policy::{
    Principal,
    missing::Missing,
    rule::{Refusal, Rule},
};

use super::{caller::Caller, conventions::Conventions, coordinate, located, registry::Policy};

/// The error for the field in `ctx`, which `rule` denied for `reason`. `type_name` names the type that has the field.
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

/// The conventions of the server that runs the request in `ctx`.
fn conventions<'a>(ctx: &Context<'a>) -> &'a Conventions {
    ctx.data_opt::<Arc<Policy>>().map_or(&Conventions::PLAIN, |policy| policy.conventions())
}

/// The error for an `argument` that exposes the field at `coordinate`, which `rule` denies to `caller` for `reason`.
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
    error.message = format!("The argument `{argument}` exposes `{coordinate}`. {}", error.message);
    error.extensions.get_or_insert_default().set("argument", argument);
    error
}

/// The error for the field at `coordinate`, which `rule` denied to `caller` for `reason`, without a path.
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

/// The error for a field whose owner is known only during execution, in an operation that is rejected as a whole.
pub(crate) fn undecided(
    conventions: &Conventions,
    coordinate: &str,
    rule: &Rule,
    reason: Refusal,
    caller: Option<&dyn Principal>,
) -> Error {
    let mut error = of(conventions, coordinate, rule, reason, caller);
    error.message = format!(
        "`{coordinate}` requires {}. Its owner is known only after the operation runs, so the operation is rejected. Leave \
         the field out.",
        conventions.phrase(rule),
    );
    error.extensions.get_or_insert_default().set("reason", "OWNER_UNKNOWN");
    error
}

const fn code(reason: Refusal) -> &'static str {
    match reason {
        Refusal::Unauthenticated => "UNAUTHENTICATED",
        Refusal::Forbidden | Refusal::NoSession | Refusal::OneFactor | Refusal::NotFresh => "FORBIDDEN",
    }
}

/// The requirements of a rule as data, without the unset ones.
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
    } else if rule.demands_session() && !rule.demands_mfa() {
        demands.insert(Name::new("session"), Value::from(true));
    }
    if rule.demands_mfa() {
        demands.insert(Name::new("mfa"), Value::from(true));
    }
    if demands.is_empty() {
        demands.insert(Name::new("signedIn"), Value::from(true));
    }
    if rule.yields_to_owner() {
        demands.insert(Name::new("orSelf"), Value::from(true));
    }
    Value::Object(demands)
}
