//! For the tests of a guarded schema (feature `testing`): [`Walk`] asks for every field as every kind of caller and compares the
//! answers with the rules; [`compare`] holds what is printed to a file in the repository.
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
//! What it does not do: it knows no owners, so that a field with `or_self` may answer or refuse; and a field below an empty list or
//! a null is not reached, which the report says.

mod snapshot;
mod walk;

pub use self::{
    snapshot::compare,
    walk::{Report, Walk},
};
