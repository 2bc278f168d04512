//! Request data that records the errors of a mutation's fields while it runs, for the case that no answer is sent,
//! because the mutation times out or the client disconnects.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Error, PathSegment, ServerError};

/// The field errors of a request so far.
#[derive(Debug, Default)]
pub struct Unanswered(Mutex<Vec<ServerError>>);

impl Unanswered {
    /// Returns the errors so far and clears them.
    pub fn take(&self) -> Vec<ServerError> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Records that the field in `ctx`, at `path`, failed with `error`, if the request has an [`Unanswered`].
pub(super) fn note(ctx: &Context<'_>, error: &Error, path: &[PathSegment]) {
    let Some(unanswered) = ctx.data_opt::<Arc<Unanswered>>() else { return };
    let extensions = error.extensions.clone();
    let error = ServerError { extensions, path: path.to_vec(), ..ServerError::new(String::new(), None) };
    unanswered.0.lock().unwrap_or_else(PoisonError::into_inner).push(error);
}
