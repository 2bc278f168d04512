//! Tools for testing a guarded schema (feature `testing`). [`Walk`] queries every field as every kind of caller and
//! compares the answers with the rules; [`compare`] compares output with a file in the repository.
//!
//! ```
//! use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
//! use fieldguard_guard::{
//!     caller::Caller, conventions::Conventions, execute::Executor, guarded, registry, testing::Walk,
//! };
//!
//! struct Query;
//!
//! #[guarded]
//! #[Object]
//! impl Query {
//!     #[public]
//!     async fn double(&self, number: i32) -> i32 {
//!         2 * number
//!     }
//!
//!     #[requires(signed_in)]
//!     async fn secret(&self) -> Option<&str> {
//!         Some("a secret")
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let schema = registry::complete(Schema::build(Query, EmptyMutation, EmptySubscription), &Conventions::PLAIN);
//! let executor = Executor::new(schema, Default::default());
//! let report = Walk::new(&executor)
//!     .caller("anonymous", Caller::default())
//!     .argument("Query.double(number:)", "7")
//!     .run()
//!     .await;
//! report.assert_whole();
//! # });
//! ```
//!
//! A walk knows no owners, so it accepts any result of a field with `or_self`. It does not reach fields below an empty
//! list or a null; the report lists them.

mod snapshot;
mod walk;

pub use self::{
    snapshot::compare,
    walk::{Report, Walk},
};
