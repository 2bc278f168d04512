//! How a rule reaches a field: what [`guarded`](crate::guarded) puts into a method, and what an author gives it to do so.
//!
//! The check stands inside the method, so that no way to the value goes round it: aliases, fragments, interfaces, unions,
//! merged objects, entity finders. It decides by [`Rule::decide`] and by nothing else, and never looks anything up.
//!
//! # An API of your own
//!
//! A type, its rules and a schema; `examples/invoices.rs` puts one beside Fieldguard's own queries and serves them.
//!
//! ```
//! use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};
//! use fieldguard::{
//!     domain::{id::UserId, permission::Permission, principal::Principal},
//!     graphql::{caller::Caller, guard::{self, Owned}, registry},
//!     guarded,
//! };
//!
//! const INVOICES_READ: Permission = Permission::new("invoices:read", "Read every invoice.");
//!
//! struct Invoice {
//!     customer: UserId,
//!     total: i32,
//! }
//!
//! impl Owned for Invoice {
//!     fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
//!         caller.is_some_and(|it| it.is(self.customer))
//!     }
//! }
//!
//! #[guarded]
//! #[Object]
//! impl Invoice {
//!     #[public]
//!     async fn currency(&self) -> &str {
//!         "EUR"
//!     }
//!
//!     /// What is to be paid.
//!     #[requires(permission = INVOICES_READ, or_self)]
//!     async fn total(&self) -> Option<i32> {
//!         Some(self.total)
//!     }
//! }
//!
//! struct Query;
//!
//! #[guarded(public)]
//! #[Object]
//! impl Query {
//!     async fn invoice(&self) -> Invoice {
//!         Invoice { customer: UserId::new(chrono::DateTime::UNIX_EPOCH), total: 12 }
//!     }
//! }
//!
//! let builder = registry::complete(Schema::build(Query, EmptyMutation, EmptySubscription));
//! let (builder, faults) = registry::inspect(builder, registry::audit);
//! assert!(faults.is_empty());
//! let schema = builder.finish();
//! assert!(schema.sdl().contains(r#"total: Int @auth(permission: "invoices:read", orSelf: true)"#));
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let anonymous = Caller::default();
//! let mut answer = schema.execute(Request::new("{ invoice { currency total } }").data(anonymous)).await;
//! guard::restore_paths(&mut answer.errors);
//! assert_eq!(answer.data.to_string(), r#"{invoice: {currency: "EUR", total: null}}"#);
//! assert_eq!(
//!     answer.errors[0].message,
//!     "`Invoice.total` needs the permission `invoices:read`, or being the account itself.",
//! );
//! # });
//! ```
//!
//! # What does not compile
//!
//! A rule with `or_self` on a type that does not know its owner:
//!
//! ```compile_fail,E0277
//! struct Invoice;
//!
//! #[fieldguard::guarded]
//! #[async_graphql::Object]
//! impl Invoice {
//!     #[requires(role = "accountant", or_self)]
//!     async fn total(&self) -> Option<i32> {
//!         Some(12)
//!     }
//! }
//! ```
//!
//! A permission that was never declared, and so is in no catalogue and in no role:
//!
//! ```compile_fail,E0308
//! struct Invoice;
//!
//! #[fieldguard::guarded]
//! #[async_graphql::Object]
//! impl Invoice {
//!     #[requires(permission = "invoices:read")]
//!     async fn total(&self) -> Option<i32> {
//!         Some(12)
//!     }
//! }
//! ```
//!
//! The macro below the library's own, which has made its code by then:
//!
//! ```compile_fail
//! struct Invoice;
//!
//! #[async_graphql::Object]
//! #[fieldguard::guarded]
//! impl Invoice {
//!     #[public]
//!     async fn total(&self) -> i32 {
//!         12
//!     }
//! }
//! ```

mod argument;
pub(super) mod coordinate;
#[doc(hidden)]
pub mod expansion;
mod located;
pub(super) mod refusal;

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use async_graphql::{Context, Guard};

pub use self::{argument::argument, located::restore_paths};
use super::{caller::Caller, registry::Policy};
use crate::domain::{
    id::UserId,
    principal::Principal,
    rule::{Refusal, Rule},
};

/// A type whose values belong to an account, as `or_self` asks.
#[diagnostic::on_unimplemented(
    message = "a rule of `{Self}` says `or_self`, but `{Self}` does not know its owner",
    note = "implement `fieldguard::graphql::guard::Owned` for `{Self}`, or leave `or_self` out"
)]
pub trait Owned {
    /// Does this value belong to `caller`? Nobody (an anonymous request) owns a value only where the request itself made
    /// its caller, as a sign-in does. It answers from the value alone and never queries.
    fn is_owned_by(&self, caller: Option<&Principal>) -> bool;

    /// Whose it is, so that he can be told who read it. Where it is not said, reading it by another leaves no row in the audit
    /// trail.
    fn owner(&self) -> Option<UserId> {
        None
    }
}

/// Request data that shows the whole schema to introspection, whatever the caller's rights. It lifts no rule.
#[derive(Debug, Clone, Copy)]
pub struct FullIntrospection;

/// Does `caller` see a field that demands `rules`? Whoever might pass sees it: a rule that makes way for the owner hides
/// its field from nobody, since a sign-in within the request makes its caller an owner; and a rule that demands a fresh
/// session hides it from nobody who has only to give his password again.
#[must_use]
pub fn is_seen(rules: &[Rule], caller: Option<&Principal>) -> bool {
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
pub(super) struct SeenTypes {
    policy: Arc<Policy>,
    types: OnceLock<HashSet<String>>,
}

impl SeenTypes {
    pub(super) fn by(policy: &Arc<Policy>) -> Self {
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

/// A rule as the library's guard, for places that have no value to own.
#[derive(Debug, Clone, Copy)]
pub struct RuleGuard(pub Rule);

impl Guard for RuleGuard {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        let Self(rule) = self;
        let decision = rule.decide(Caller::of(ctx), false);
        decision.map_err(|reason| refusal::build(ctx, rule, reason, None))
    }
}
