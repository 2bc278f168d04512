//! What the output of [`guarded`](crate::guarded) calls. Not for people: it changes with the macro.

use std::borrow::Cow;

pub use async_graphql::{Context, Error, OutputType, SubscriptionType};

use super::{
    super::{caller::Caller, reads},
    located, refusal,
};
use crate::domain::{id::UserId, principal::Principal, rule::Rule};

/// Decides `rules` for the request in `ctx`; `is_owner` is asked only where a rule makes way for the owner, and `owner` only
/// where another passes it.
///
/// # Errors
///
/// The refusal, complete for the client.
#[inline]
pub fn check(
    ctx: &Context<'_>,
    rules: &[Rule],
    is_owner: impl Fn(Option<&Principal>) -> bool,
    owner: impl Fn() -> Option<UserId>,
    type_name: fn() -> Cow<'static, str>,
) -> Result<(), Error> {
    let caller = Caller::of(ctx);
    for rule in rules {
        let is_own = rule.yields_to_owner() && is_owner(caller);
        if let Err(reason) = rule.decide(caller, is_own) {
            return Err(refusal::build(ctx, rule, reason, Some(type_name)));
        }
        if rule.yields_to_owner() && !is_own {
            reads::note(ctx, owner(), type_name);
        }
    }
    Ok(())
}

/// The author's own error, with the place it happened at.
#[cold]
pub fn failed(ctx: &Context<'_>, error: impl Into<Error>) -> Error {
    located::locate(ctx, error.into())
}
