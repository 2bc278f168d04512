//! Access from a resolver to the executor of its schema, for the few fields that evaluate documents. It is stored in
//! the schema's data as a weak reference.

use std::sync::{Arc, OnceLock, Weak};

use async_graphql::Context;

use super::execute::{Executor, Inner};

/// A weak handle to the executor.
#[derive(Clone, Default)]
pub struct ExecutorHandle(Arc<OnceLock<Weak<Inner>>>);

impl ExecutorHandle {
    /// The executor of the schema that the request in `ctx` runs on.
    #[must_use]
    pub fn executor(ctx: &Context<'_>) -> Option<Executor> {
        ctx.data_opt::<Self>()?.0.get()?.upgrade().map(Executor)
    }

    /// Sets the executor, unless it is already set.
    pub(crate) fn set(&self, executor: &Executor) {
        self.0.get_or_init(|| Arc::downgrade(&executor.0));
    }
}
