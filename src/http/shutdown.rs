//! Whether the server is shutting down. `/readyz` then answers 503, so that load balancers send requests elsewhere
//! while this server still answers the requests that arrive.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The shutdown state of one server. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<AtomicBool>);

impl Shutdown {
    /// Marks the server as shutting down.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the server is shutting down.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
