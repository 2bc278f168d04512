//! Refusals of a mutation that may never come to its answer, because it runs out of its time or its client goes away: request
//! data, noted as fields are resolved. What has an answer is refused in it; only where there is none these are looked at.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Error, PathSegment, ServerError};

/// What fields of a request failed with so far.
#[derive(Debug, Default)]
pub struct Unanswered(Mutex<Vec<ServerError>>);

impl Unanswered {
    /// What fields failed with so far, which is forgotten with this.
    pub fn take(&self) -> Vec<ServerError> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Notes that the field in `ctx`, at `path`, failed with `error`, where the request is one that asks for it.
pub(super) fn note(ctx: &Context<'_>, error: &Error, path: &[PathSegment]) {
    let Some(unanswered) = ctx.data_opt::<Arc<Unanswered>>() else { return };
    let extensions = error.extensions.clone();
    let error = ServerError { extensions, path: path.to_vec(), ..ServerError::new(String::new(), None) };
    unanswered.0.lock().unwrap_or_else(PoisonError::into_inner).push(error);
}
