//! Writes audit events that belong to no change. Events of many requests share one transaction: a hundred list requests
//! at the same time wait for one commit instead of a hundred.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::error::Error;
use fieldguard_domain::audit::Entry;
use fieldguard_store::{self as store, Store, audit::Appender};
use fieldguard_trace::{StepKind, record};

/// How many requests' events are written in one transaction. As many can wait in the queue. Further requests wait to
/// enter the queue.
const BATCH_SIZE: usize = 256;

/// How long a request waits until its events are written. Without this limit, a request would wait for the database
/// once for the batch ahead of it and once for its own.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The events of one request, and the channel that reports when they are written.
struct PendingWrite {
    entries: Vec<Entry>,
    written: oneshot::Sender<Result<(), Error>>,
}

/// Writes audit events through a queue and one background task.
pub(crate) struct AuditWriter {
    store: Store,
    queue: OnceLock<mpsc::Sender<PendingWrite>>,
}

impl AuditWriter {
    pub(crate) const fn new(store: Store) -> Self {
        Self { store, queue: OnceLock::new() }
    }

    /// Writes the entries and returns once they are committed. Do not call this while a transaction is open: on SQLite
    /// it would block the write.
    pub(crate) async fn write(&self, entries: Vec<Entry>) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        let (written, reply) = oneshot::channel();
        let queue = self.queue.get_or_init(|| start(self.store.clone()));
        let writing = async {
            queue.send(PendingWrite { entries, written }).await.map_err(|_| Error::Unrecorded(None))?;
            reply.await.unwrap_or(Err(Error::Unrecorded(None)))
        };
        let late = |_| Err(Error::Unrecorded(Some(Arc::new(store::Error::deadline_passed(MAX_WAIT)))));
        let began = Instant::now();
        let written = timeout(MAX_WAIT, writing).await.unwrap_or_else(late);
        record(StepKind::AuditLog, began, written.is_err());
        written
    }

    /// Writes the entries for a request whose client does not wait. If this fails, the failure is logged.
    pub(crate) async fn write_or_log(&self, entries: Vec<Entry>) {
        if let Err(error) = self.write(entries).await {
            log_failure(&error);
        }
    }
}

/// Starts the background task. It stops when the last [`AuditWriter`] that uses it is dropped.
fn start(store: Store) -> mpsc::Sender<PendingWrite> {
    let (queue, mut waiting) = mpsc::channel(BATCH_SIZE);
    tokio::spawn(async move {
        let mut batch = Vec::<PendingWrite>::new();
        let mut appender = Appender::default();
        while waiting.recv_many(&mut batch, BATCH_SIZE).await > 0 {
            match write(&store, &mut appender, &mut batch).await {
                Ok(()) => {
                    for pending in batch.drain(..) {
                        // The request may have been canceled.
                        let _ = pending.written.send(Ok(()));
                    }
                }
                Err(reason) => refuse(&mut batch, reason),
            }
        }
    });
    queue
}

async fn write(store: &Store, appender: &mut Appender, batch: &mut [PendingWrite]) -> Result<(), store::Error> {
    let entries: Vec<_> = batch.iter_mut().flat_map(|pending| pending.entries.drain(..)).collect();
    appender.append(store, &entries).await
}

/// Reports to every waiting request that its events were not written. The response and the log then say so. If the
/// client has disconnected, only the log says so.
fn refuse(batch: &mut Vec<PendingWrite>, reason: store::Error) {
    let reason = Arc::new(reason);
    for waiting in batch.drain(..) {
        if let Err(Err(unreceived)) = waiting.written.send(Err(Error::Unrecorded(Some(reason.clone())))) {
            log_failure(&unreceived);
        }
    }
}

/// Logs that the events of a request without a client were not written.
pub(super) fn log_failure(error: &Error) {
    let sources = std::iter::successors(std::error::Error::source(error), |error| error.source());
    let cause: Vec<_> = sources.map(ToString::to_string).collect();
    tracing::error!(cause = cause.join(" "), "cannot write the audit log for a disconnected client");
}
