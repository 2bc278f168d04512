//! Writes rows that belong to no change, many requests' in one transaction: an administrator's list waits for a commit, but
//! a hundred lists at once wait for the same one.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::error::Error;
use fieldguard_domain::audit::Entry;
use fieldguard_store::{self as store, Store};

/// Requests whose rows are written together at most, and as many wait before their own wait outside.
const TOGETHER: usize = 256;

/// How long a request waits for its rows at the most. Rows that come behind others which the database keeps waiting would
/// otherwise wait for both.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The rows of one request, and where it hears that they are written.
struct Waiting {
    entries: Vec<Entry>,
    written: oneshot::Sender<Result<(), Error>>,
}

/// The way to the trail.
pub(crate) struct Trail {
    store: Store,
    queue: OnceLock<mpsc::Sender<Waiting>>,
}

impl Trail {
    pub(crate) const fn new(store: Store) -> Self {
        Self { store, queue: OnceLock::new() }
    }

    /// Writes these, and comes back when they last. Not to be called while a transaction is open, which on SQLite would keep
    /// them from being written.
    pub(crate) async fn write(&self, entries: Vec<Entry>) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        let (written, heard) = oneshot::channel();
        let queue = self.queue.get_or_init(|| start(self.store.clone()));
        let writing = async {
            queue.send(Waiting { entries, written }).await.map_err(|_| Error::Unrecorded(None))?;
            heard.await.unwrap_or(Err(Error::Unrecorded(None)))
        };
        let late = |_| Err(Error::Unrecorded(Some(Arc::new(store::Error::deadline_passed(LONGEST_WAIT)))));
        timeout(LONGEST_WAIT, writing).await.unwrap_or_else(late)
    }

    /// Writes these for a request whose client does not wait. Where that fails, the log says so.
    pub(crate) async fn write_unheard(&self, entries: Vec<Entry>) {
        if let Err(error) = self.write(entries).await {
            log_unwritten(&error);
        }
    }
}

/// Starts the writer. It ends with the last [`Trail`] that it writes for.
fn start(store: Store) -> mpsc::Sender<Waiting> {
    let (queue, mut waiting) = mpsc::channel(TOGETHER);
    tokio::spawn(async move {
        let mut together = Vec::<Waiting>::new();
        while waiting.recv_many(&mut together, TOGETHER).await > 0 {
            match write(&store, &mut together).await {
                Ok(()) => {
                    for it in together.drain(..) {
                        // A client that is gone need not hear it.
                        let _ = it.written.send(Ok(()));
                    }
                }
                Err(reason) => refuse(&mut together, reason),
            }
        }
    });
    queue
}

async fn write(store: &Store, together: &mut [Waiting]) -> Result<(), store::Error> {
    let tx = store.write().await?;
    for entry in together.iter_mut().flat_map(|it| it.entries.drain(..)) {
        tx.note(entry);
    }
    tx.commit().await
}

/// Tells every waiting request that its rows were not written. The request's answer says so, and the log under its id; for
/// a client that is gone, the log says so here.
fn refuse(together: &mut Vec<Waiting>, reason: store::Error) {
    let reason = Arc::new(reason);
    for waiting in together.drain(..) {
        if let Err(Err(unheard)) = waiting.written.send(Err(Error::Unrecorded(Some(reason.clone())))) {
            log_unwritten(&unheard);
        }
    }
}

fn log_unwritten(error: &Error) {
    let sources = std::iter::successors(std::error::Error::source(error), |error| error.source());
    let cause: Vec<_> = sources.map(ToString::to_string).collect();
    tracing::error!(cause = cause.join(" "), "the audit log was not written for a client that is gone");
}
