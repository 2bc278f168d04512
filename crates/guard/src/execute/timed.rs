//! How long an operation computes, as opposed to waiting for something else. It decides what is at fault where an operation
//! runs out of its time.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

/// A future that measures for how long it is polled.
pub(super) struct Timed<F> {
    inner: F,
    computed: Duration,
}

impl<F> Timed<F> {
    pub(super) const fn new(inner: F) -> Self {
        Self { inner, computed: Duration::ZERO }
    }

    /// How long it was polled until now. The rest of its time it waited to be polled again.
    pub(super) const fn computed(&self) -> Duration {
        self.computed
    }
}

impl<F: Future + Unpin> Future for Timed<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let began = Instant::now();
        let polled = Pin::new(&mut self.inner).poll(context);
        self.computed += began.elapsed();
        polled
    }
}
