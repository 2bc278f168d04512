//! Answers on their way to clients: how many bytes of them wait at once, and how long a client may take for its own.
//!
//! A client that sends requests and never reads costs the server its answers: the system's buffers fill, and the rest waits in
//! memory. Small answers are not counted, since they fit into those buffers and a connection costs as much.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use fieldguard_listener::progress::Progress;

/// Answers up to this size are not counted.
const SMALL: usize = 16_384;
/// How long a client has for an answer of any size.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many bytes a second it must take beyond that.
const BYTES_PER_SECOND: usize = 16_384;

/// The bytes of answers that clients have not taken yet.
#[derive(Debug)]
pub struct Deliveries {
    pending: AtomicUsize,
    maximum: usize,
}

/// Too many bytes wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Congested;

impl Deliveries {
    /// At most `maximum` bytes wait at once.
    #[must_use]
    pub fn new(maximum: usize) -> Arc<Self> {
        Arc::new(Self { pending: AtomicUsize::new(0), maximum })
    }

    /// The body of an answer, which counts until the system has taken it, on a connection with that progress. One that `must`
    /// leave does so however many bytes wait.
    ///
    /// # Errors
    ///
    /// [`Congested`]: the answer would have to wait and there is no room for it.
    pub fn body(
        self: &Arc<Self>,
        bytes: Bytes,
        progress: Option<Arc<Progress>>,
        must: bool,
    ) -> Result<Body, Congested> {
        if bytes.len() <= SMALL {
            return Ok(Body::from(bytes));
        }
        let delivery = Delivery { deliveries: Arc::clone(self), progress, bytes };
        let pending = self.pending.fetch_add(delivery.bytes.len(), Ordering::AcqRel) + delivery.bytes.len();
        if pending > self.maximum && !must {
            return Err(Congested);
        }
        if let Some(progress) = &delivery.progress {
            progress.deliver_within(patience(delivery.bytes.len()));
        }
        Ok(Body::from(Bytes::from_owner(delivery)))
    }
}

fn patience(bytes: usize) -> Duration {
    PATIENCE + Duration::from_secs((bytes / BYTES_PER_SECOND) as u64)
}

/// The bytes of one answer. They are dropped when the last of them is written.
struct Delivery {
    deliveries: Arc<Deliveries>,
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
        self.deliveries.pending.fetch_sub(self.bytes.len(), Ordering::AcqRel);
        if let Some(progress) = &self.progress {
            progress.delivered();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = SMALL + 1;

    fn bytes(length: usize) -> Bytes {
        Bytes::from(vec![b'a'; length])
    }

    #[test]
    fn large_answers_wait_up_to_the_maximum_and_small_ones_always_leave() {
        let deliveries = Deliveries::new(2 * LARGE);
        let first = deliveries.body(bytes(LARGE), None, false).unwrap();
        let second = deliveries.body(bytes(LARGE), None, false).unwrap();
        assert_eq!(deliveries.body(bytes(LARGE), None, false).err(), Some(Congested));
        assert!(deliveries.body(bytes(SMALL), None, false).is_ok());
        drop(deliveries.body(bytes(LARGE), None, true).unwrap());
        drop(first);
        let third = deliveries.body(bytes(LARGE), None, false).unwrap();
        drop((second, third));
        assert_eq!(deliveries.pending.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_larger_answer_may_take_longer() {
        assert_eq!(patience(0), Duration::from_secs(10));
        assert_eq!(patience(1_048_576), Duration::from_secs(74));
    }
}
