//! The way from a resolver back to the executor of its schema, for the few fields that ask something about documents. It
//! stands in the schema's data, and keeps nothing alive.

use std::sync::{Arc, OnceLock, Weak};

use async_graphql::Context;

use super::execute::{Executor, Inner};

/// Leads to the executor, once there is one.
#[derive(Clone, Default)]
pub struct Door(Arc<OnceLock<Weak<Inner>>>);

impl Door {
    /// The executor of the schema that the request in `ctx` runs on.
    #[must_use]
    pub fn executor(ctx: &Context<'_>) -> Option<Executor> {
        ctx.data_opt::<Self>()?.0.get()?.upgrade().map(Executor)
    }

    /// Lets it lead to `executor`, unless it leads somewhere already.
    pub(crate) fn lead_to(&self, executor: &Executor) {
        self.0.get_or_init(|| Arc::downgrade(&executor.0));
    }
}
