//! A rule as an async-graphql guard.

use async_graphql::{Context, Guard};
use fieldguard_policy::rule::Rule;

use crate::{caller::Caller, refusal};

/// A rule as an async-graphql guard, for places without a value that could have an owner.
#[derive(Debug, Clone, Copy)]
pub struct RuleGuard(pub Rule);

impl Guard for RuleGuard {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        let Self(rule) = self;
        let decision = rule.decide(Caller::of(ctx), false);
        decision.map_err(|reason| refusal::build(ctx, rule, reason, None))
    }
}
