//! Measures how long an operation computes, as opposed to waiting. This decides what is at fault when an operation
//! times out.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

/// A future that measures how long it is polled.
pub(super) struct Timed<F> {
    inner: F,
    computed: Duration,
}

impl<F> Timed<F> {
    pub(super) const fn new(inner: F) -> Self {
        Self { inner, computed: Duration::ZERO }
    }

    /// The total time spent in `poll` so far.
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
