//! Whether the server is shutting down. The composition root says when; `/readyz` answers accordingly, so that load balancers
//! send requests elsewhere while this server still answers those that come.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The state of one server. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<AtomicBool>);

impl Shutdown {
    /// The server shuts down from now on.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the server is shutting down.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
