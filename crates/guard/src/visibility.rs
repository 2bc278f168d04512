//! Which fields and types introspection shows to a caller.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use async_graphql::Context;
use fieldguard_policy::{
    Principal,
    rule::{Refusal, Rule},
};

use crate::{caller::Caller, registry::Policy};

/// Request data that shows the whole schema to introspection, whatever the caller's rights. It lifts no rule.
#[derive(Debug, Clone, Copy)]
pub struct FullIntrospection;

/// Does `caller` see a field that demands `rules`? Every caller who might pass sees it: a rule that makes way for the
/// owner hides its field from no caller, since a sign-in within the request makes its caller an owner; and a rule that demands a
/// fresh session hides it from none who has only to give the password again.
#[must_use]
pub fn is_seen(rules: &[Rule], caller: Option<&dyn Principal>) -> bool {
    rules
        .iter()
        .all(|rule| rule.yields_to_owner() || matches!(rule.decide(caller, false), Ok(()) | Err(Refusal::NotFresh)))
}

/// Does introspection for the request in `ctx` show a field that demands `rules`?
#[must_use]
pub fn visible(ctx: &Context<'_>, rules: &[Rule]) -> bool {
    is_seen(rules, Caller::of(ctx)) || ctx.data_opt::<FullIntrospection>().is_some()
}

/// The types that the caller of a request is shown, once one is asked for. Request data of documents that ask for the schema.
pub(crate) struct SeenTypes {
    policy: Arc<Policy>,
    types: OnceLock<HashSet<String>>,
}

impl SeenTypes {
    pub(crate) fn by(policy: &Arc<Policy>) -> Self {
        Self { policy: policy.clone(), types: OnceLock::new() }
    }
}

/// Does introspection for the request in `ctx` show the object type of that name? Not where the caller sees no field that leads
/// to it.
#[must_use]
pub fn is_type_visible(ctx: &Context<'_>, name: &str) -> bool {
    let Some(seen) = ctx.data_opt::<SeenTypes>() else { return true };
    let collect = || seen.policy.seen_types(Caller::of(ctx)).into_iter().map(str::to_owned).collect();
    seen.types.get_or_init(collect).contains(name)
}
