//! Limits the answers that wait for slow clients: their total bytes, and the time a client has to read its answer.
//!
//! A client that sends requests and never reads costs the server memory: the system's buffers fill, and the rest of the
//! answers waits in the process. Small answers don't count, because they fit into those buffers and cost no more than a
//! connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use fieldguard_listener::progress::Progress;

/// Answers up to this size don't count.
const UNCOUNTED_BYTES: usize = 16_384;
/// The time a client has for an answer of any size.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Beyond that, the client must read at least this many bytes per second.
const BYTES_PER_SECOND: usize = 16_384;

/// Counts the bytes of answers that clients have not read yet.
#[derive(Debug)]
pub struct PendingAnswers {
    pending: AtomicUsize,
    maximum: usize,
}

/// Too many bytes are already waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingLimitReached;

impl PendingAnswers {
    /// Allows at most `maximum` waiting bytes.
    #[must_use]
    pub fn new(maximum: usize) -> Arc<Self> {
        Arc::new(Self { pending: AtomicUsize::new(0), maximum })
    }

    /// Creates the body of an answer, which counts until the system has taken it. `progress` is that of its connection.
    /// If `must`, the body is created even above the maximum.
    ///
    /// # Errors
    ///
    /// [`PendingLimitReached`] if the answer would exceed the maximum.
    pub fn body(
        self: &Arc<Self>,
        bytes: Bytes,
        progress: Option<Arc<Progress>>,
        must: bool,
    ) -> Result<Body, PendingLimitReached> {
        if bytes.len() <= UNCOUNTED_BYTES {
            return Ok(Body::from(bytes));
        }
        let delivery = Delivery { pending_answers: Arc::clone(self), progress, bytes };
        let pending = self.pending.fetch_add(delivery.bytes.len(), Ordering::AcqRel) + delivery.bytes.len();
        if pending > self.maximum && !must {
            return Err(PendingLimitReached);
        }
        if let Some(progress) = &delivery.progress {
            progress.deliver_within(time_limit(delivery.bytes.len()));
        }
        Ok(Body::from(Bytes::from_owner(delivery)))
    }
}

fn time_limit(bytes: usize) -> Duration {
    TIME_LIMIT + Duration::from_secs((bytes / BYTES_PER_SECOND) as u64)
}

/// The bytes of one answer. They are dropped after the last byte is written.
struct Delivery {
    pending_answers: Arc<PendingAnswers>,
    progress: Option<Arc<Progress>>,
    bytes: Bytes,
}

impl AsRef<[u8]> for Delivery {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.pending_answers.pending.fetch_sub(self.bytes.len(), Ordering::AcqRel);
        if let Some(progress) = &self.progress {
            progress.delivered();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = UNCOUNTED_BYTES + 1;

    fn bytes(length: usize) -> Bytes {
        Bytes::from(vec![b'a'; length])
    }

    #[test]
    fn large_answers_are_limited_and_small_ones_are_not() {
        let pending_answers = PendingAnswers::new(2 * LARGE);
        let first = pending_answers.body(bytes(LARGE), None, false).unwrap();
        let second = pending_answers.body(bytes(LARGE), None, false).unwrap();
        assert_eq!(pending_answers.body(bytes(LARGE), None, false).err(), Some(PendingLimitReached));
        assert!(pending_answers.body(bytes(UNCOUNTED_BYTES), None, false).is_ok());
        drop(pending_answers.body(bytes(LARGE), None, true).unwrap());
        drop(first);
        let third = pending_answers.body(bytes(LARGE), None, false).unwrap();
        drop((second, third));
        assert_eq!(pending_answers.pending.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn larger_answers_get_more_time() {
        assert_eq!(time_limit(0), Duration::from_secs(10));
        assert_eq!(time_limit(1_048_576), Duration::from_secs(74));
    }
}
