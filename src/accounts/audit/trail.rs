//! Writes rows that belong to no change, many requests' in one transaction: an administrator's list waits for a commit, but
//! a hundred lists at once wait for the same one.

use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, oneshot};

use crate::{
    accounts::error::Error,
    domain::audit::Entry,
    store::{self, Store},
};

/// Requests whose rows are written together at most, and as many wait before their own wait outside.
const TOGETHER: usize = 256;

/// The rows of one request, and where it hears that they are written.
struct Waiting {
    entries: Vec<Entry>,
    written: oneshot::Sender<Result<(), Error>>,
}

/// The way to the trail.
pub(in crate::accounts) struct Trail {
    store: Store,
    queue: OnceLock<mpsc::Sender<Waiting>>,
}

impl Trail {
    pub(in crate::accounts) const fn new(store: Store) -> Self {
        Self { store, queue: OnceLock::new() }
    }

    /// Writes these, and comes back when they last. Not to be called while a transaction is open, which on SQLite would keep
    /// them from being written.
    pub(in crate::accounts) async fn write(&self, entries: Vec<Entry>) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        let (written, heard) = oneshot::channel();
        let queue = self.queue.get_or_init(|| start(self.store.clone()));
        queue.send(Waiting { entries, written }).await.map_err(|_| Error::Unrecorded)?;
        heard.await.unwrap_or(Err(Error::Unrecorded))
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
                        // Who went away meanwhile need not hear it.
                        let _ = it.written.send(Ok(()));
                    }
                }
                Err(reason) => {
                    tracing::error!(%reason, cause = %cause(&reason), "the audit trail was not written");
                    refuse(&mut together, reason);
                }
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

/// Tells all who wait that it was not written, and whether they may try again.
fn refuse(together: &mut Vec<Waiting>, reason: store::Error) {
    let reason = Arc::new(reason);
    for it in together.drain(..) {
        let error = match *reason {
            store::Error::Busy(_) => Error::Overloaded(reason.clone()),
            _ => Error::Unrecorded,
        };
        let _ = it.written.send(Err(error));
    }
}

fn cause(error: &store::Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}
