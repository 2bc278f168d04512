//! What introspection shows to a caller.

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

/// What introspection shows in one request: request data. It disables no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaView {
    /// What the caller sees, as without this data.
    Caller,
    /// The whole schema.
    Whole,
}

impl SchemaView {
    /// Whether introspection in the request in `ctx` shows the whole schema.
    #[must_use]
    pub fn is_whole(ctx: &Context<'_>) -> bool {
        ctx.data_opt() == Some(&Self::Whole)
    }
}

/// Whether `caller` sees a field with `rules`. Every caller who may pass sees it: a rule with `or_self` hides its field
/// from no caller, because a sign-in in the same request makes its caller an owner; and a rule that requires a fresh
/// session or two factors does not hide its field from a caller who only needs to prove more.
#[must_use]
pub fn is_seen(rules: &[Rule], caller: Option<&dyn Principal>) -> bool {
    rules.iter().all(|rule| rule.yields_to_owner() || is_met_or_provable(rule.decide(caller, false)))
}

/// Whether the caller passes, or only needs to prove more.
const fn is_met_or_provable(decision: Result<(), Refusal>) -> bool {
    matches!(decision, Ok(()) | Err(Refusal::OneFactor | Refusal::NotFresh))
}

/// Whether introspection in the request in `ctx` shows a field with `rules`.
#[must_use]
pub fn visible(ctx: &Context<'_>, rules: &[Rule]) -> bool {
    is_seen(rules, Caller::of(ctx)) || SchemaView::is_whole(ctx)
}

/// The types that the caller of a request sees, computed on first use. Request data of documents with introspection.
pub(crate) struct SeenTypes {
    policy: Arc<Policy>,
    types: OnceLock<HashSet<String>>,
}

impl SeenTypes {
    pub(crate) fn by(policy: &Arc<Policy>) -> Self {
        Self { policy: policy.clone(), types: OnceLock::new() }
    }
}

/// Whether introspection in the request in `ctx` shows the object type `name`. It does not if the caller sees no field
/// that leads to the type.
#[must_use]
pub fn is_type_visible(ctx: &Context<'_>, name: &str) -> bool {
    let Some(seen) = ctx.data_opt::<SeenTypes>().filter(|_| !SchemaView::is_whole(ctx)) else { return true };
    let collect = || seen.policy.seen_types(Caller::of(ctx)).into_iter().map(str::to_owned).collect();
    seen.types.get_or_init(collect).contains(name)
}
