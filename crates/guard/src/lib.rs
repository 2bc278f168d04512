//! Access rules on the fields of an [async-graphql](async_graphql) schema. One rule on a field produces its check, its
//! visibility in introspection, its directive in the printed schema and its row in the access table.
//!
//! This crate knows nothing about accounts, HTTP or databases. A server brings its own principal type, which implements
//! [`policy::Principal`], and adds it to each request as a [`caller::Caller`].
//!
//! - [`guarded`]: the attribute macro that gives every field its rule. The check is inside the method, so aliases,
//!   fragments, interfaces, unions, merged objects and entity finders can't bypass it. The check calls
//!   [`Rule::decide`](policy::rule::Rule::decide) and performs no lookups.
//! - [`Owned`]: who owns a value. [`owner`] and [`exposes`] declare, before execution, who owns what a field returns
//!   and which fields an argument exposes.
//! - [`registry`]: completes a schema, and reports faults that the compiler can't find.
//! - [`access`]: the access table. [`explain`]: what a caller can access in a document.
//! - [`plan`]: writes objects as JSON without a future per field. [`json`]: answers as JSON.
//! - [`execute`]: runs documents within [`limits`] and returns errors in the form that the specification requires.
//!
//! This crate does not authenticate callers, stores nothing and does not use the network.
//!
//! # An API of your own
//!
//! A type, its rules and a schema:
//!
//! ```
//! use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};
//! use fieldguard_guard::{
//!     Owned,
//!     caller::Caller,
//!     conventions::Conventions,
//!     execute::{RequestContext, Executor},
//!     guarded,
//!     policy::{Principal, permission::Permission},
//!     registry,
//!     settings::Settings,
//! };
//!
//! const INVOICES_READ: Permission = Permission::new("invoices:read", "Read every invoice.");
//!
//! #[derive(Debug)]
//! struct Customer {
//!     number: u32,
//! }
//!
//! impl Principal for Customer {
//!     fn has_role(&self, _name: &str) -> bool {
//!         false
//!     }
//!
//!     fn can(&self, _permission: Permission) -> bool {
//!         false
//!     }
//!
//!     fn has_session(&self) -> bool {
//!         true
//!     }
//! }
//!
//! struct Invoice {
//!     customer: u32,
//!     total: i32,
//! }
//!
//! impl Owned for Invoice {
//!     type Principal = Customer;
//!
//!     fn is_owned_by(&self, caller: Option<&Customer>) -> bool {
//!         caller.is_some_and(|customer| customer.number == self.customer)
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
//!     /// The amount due.
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
//!         Invoice { customer: 7, total: 12 }
//!     }
//! }
//!
//! let conventions = Conventions::PLAIN;
//! let schema = registry::complete(Schema::build(Query, EmptyMutation, EmptySubscription), &conventions);
//! let (schema, faults) = registry::inspect(schema, |registry| registry::audit(registry, &conventions));
//! assert!(faults.is_empty());
//! let executor = Executor::new(schema, Settings::default());
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let document = || Request::new("{ invoice { currency total } }");
//! let anonymous = executor.execute(document(), RequestContext::default()).await.response;
//! assert_eq!(anonymous.data.to_string(), r#"{invoice: {currency: "EUR", total: null}}"#);
//! assert_eq!(anonymous.errors[0].message, "`Invoice.total` requires the permission `invoices:read`, or ownership.");
//!
//! let owner = RequestContext { caller: Caller::from(Customer { number: 7 }), ..RequestContext::default() };
//! let own = executor.execute(document(), owner).await.response;
//! assert_eq!(own.data.to_string(), r#"{invoice: {currency: "EUR", total: 12}}"#);
//! # });
//! ```
//!
//! # What does not compile
//!
//! A rule with `or_self` on a type that does not implement `Owned`:
//!
//! ```compile_fail,E0277
//! struct Invoice;
//!
//! #[fieldguard_guard::guarded]
//! #[async_graphql::Object]
//! impl Invoice {
//!     #[requires(role = "accountant", or_self)]
//!     async fn total(&self) -> Option<i32> {
//!         Some(12)
//!     }
//! }
//! ```
//!
//! A permission as a string. A permission has to be declared as a constant, so that it is in the catalogue:
//!
//! ```compile_fail,E0308
//! struct Invoice;
//!
//! #[fieldguard_guard::guarded]
//! #[async_graphql::Object]
//! impl Invoice {
//!     #[requires(permission = "invoices:read")]
//!     async fn total(&self) -> Option<i32> {
//!         Some(12)
//!     }
//! }
//! ```
//!
//! The macro below async-graphql's own macro, which has already expanded the block:
//!
//! ```compile_fail
//! struct Invoice;
//!
//! #[async_graphql::Object]
//! #[fieldguard_guard::guarded]
//! impl Invoice {
//!     #[public]
//!     async fn total(&self) -> i32 {
//!         12
//!     }
//! }
//! ```

extern crate self as fieldguard_guard;

pub mod access;
mod admission;
#[doc(hidden)]
pub mod at_hand;
mod authorize;
pub mod caller;
mod caller_view;
pub mod cause;
pub mod code;
pub mod connection;
pub mod conventions;
mod coordinate;
pub mod cost_directives;
pub mod directive;
mod documents;
pub mod execute;
pub mod executor_handle;
#[doc(hidden)]
pub mod expansion;
pub mod explain;
pub mod exposes;
pub mod failed_changes;
pub mod failure;
mod input_values;
pub mod introspection;
pub mod json;
mod lexer;
pub mod limits;
mod located;
mod normalized_operation;
pub mod on_denied;
mod owned;
pub mod owner;
pub mod plan;
mod refusal;
pub mod registry;
mod resolution;
mod rule_guard;
pub mod settings;
pub mod sources;
#[cfg(feature = "testing")]
pub mod testing;
mod unanswered;
mod validation;
mod visibility;

pub use fieldguard_macros::guarded;
pub use fieldguard_policy as policy;

pub use self::{
    coordinate::of as coordinate,
    located::restore_paths,
    owned::Owned,
    rule_guard::RuleGuard,
    visibility::{SchemaView, is_seen, is_type_visible, visible},
};
