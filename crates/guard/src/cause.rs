//! The internal cause of a failed operation. Only the log shows it.

use std::{error::Error, sync::Arc};

/// The cause of an error, stored as the `source` of the GraphQL error. The log shows it with the request ID; the client
/// never sees it.
#[derive(Debug)]
pub struct Cause {
    error: Box<dyn Error + Send + Sync>,
    is_overload: bool,
}

impl Cause {
    /// Creates a cause.
    #[must_use]
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self { error: Box::new(error), is_overload: false }
    }

    /// Creates a cause that is overload, not a fault.
    #[must_use]
    pub fn overload(error: impl Error + Send + Sync + 'static) -> Self {
        Self { is_overload: true, ..Self::new(error) }
    }

    /// Converts the cause into the `source` of an error.
    #[must_use]
    pub fn source(self) -> Arc<dyn std::any::Any + Send + Sync> {
        Arc::new(self)
    }

    /// The error and its sources in one line.
    #[must_use]
    pub fn chain(&self) -> String {
        chain(&*self.error)
    }

    /// Logs a failed operation.
    pub(crate) fn log_failure(&self, request_id: &str) {
        tracing::error!(request_id, cause = self.chain(), "operation failed");
    }

    /// Logs that the service is unavailable: overload as a warning, anything else as an error.
    pub fn log_unavailable(&self, request_id: &str) {
        if self.is_overload {
            tracing::warn!(request_id, cause = self.chain(), "service overloaded");
        } else {
            tracing::error!(request_id, cause = self.chain(), "service unavailable");
        }
    }
}

/// An error and its sources in one line. Drops the period before each source.
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
