//! Why an operation failed, for the log alone.

use std::{error::Error, sync::Arc};

/// The cause of an error on its way to a client, kept as its `source`. The log gets it under the request's id; the client does
/// not.
#[derive(Debug)]
pub struct Cause {
    error: Box<dyn Error + Send + Sync>,
    is_overload: bool,
}

impl Cause {
    /// Something failed.
    #[must_use]
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self { error: Box::new(error), is_overload: false }
    }

    /// The same, where it is load and no fault.
    #[must_use]
    pub fn overload(error: impl Error + Send + Sync + 'static) -> Self {
        Self { is_overload: true, ..Self::new(error) }
    }

    /// As the source of an error.
    #[must_use]
    pub fn source(self) -> Arc<dyn std::any::Any + Send + Sync> {
        Arc::new(self)
    }

    /// What failed and everything behind it, in one line.
    #[must_use]
    pub fn chain(&self) -> String {
        chain(&*self.error)
    }

    /// Logs why an operation failed.
    pub(crate) fn log_failure(&self, request_id: &str) {
        tracing::error!(request_id, cause = self.chain(), "an operation failed");
    }

    /// Logs why the service could not do what the request asked for. Load is a warning; a service that is away is an error.
    pub fn log_unavailable(&self, request_id: &str) {
        if self.is_overload {
            tracing::warn!(request_id, cause = self.chain(), "the service is overloaded");
        } else {
            tracing::error!(request_id, cause = self.chain(), "the service is unavailable");
        }
    }
}

/// An error and everything behind it, in one line. Sentences lose the period before what explains them.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut behind = error.source();
    while let Some(cause) = behind {
        line = format!("{}: {cause}", line.trim_end_matches('.'));
        behind = cause.source();
    }
    line
}
