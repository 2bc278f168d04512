//! The outbox of mails. A use case adds a mail in the transaction of the change that it tells of; servers claim mails for
//! some time, send them, and delete them. A claim is a lease: if its server stops, another claims the mail when the lease
//! has expired.

mod add;
mod claim;
mod settle;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::ConnectionTrait;
use tokio::sync::Notify;

use super::{Cause, Error, Store, time};
use crate::dialect::Dialect;
use fieldguard_domain::mail::MailBacklog;

pub use add::{add, add_reset_request};
pub use claim::{Claimed, Queued, claim, has_due};
pub use settle::{complete, delete, retry};

/// A signal for each commit of this process that added mails.
#[derive(Debug, Clone, Default)]
pub(super) struct MailSignal(Arc<Notify>);

/// The same within a transaction.
#[derive(Debug, Default)]
pub(super) struct PendingSignal {
    signal: MailSignal,
    has_added: AtomicBool,
}

impl MailSignal {
    pub(super) fn pending(&self) -> PendingSignal {
        PendingSignal { signal: self.clone(), has_added: AtomicBool::new(false) }
    }
}

impl PendingSignal {
    fn note_added(&self) {
        self.has_added.store(true, Ordering::Relaxed);
    }

    /// Signals after the end of the transaction, if it added mails.
    pub(super) fn send(&self) {
        if self.has_added.load(Ordering::Relaxed) {
            self.signal.0.notify_one();
        }
    }
}

impl Store {
    /// Waits until this process has added a mail. A mail that was added since the last wait counts.
    pub async fn mail_added(&self) {
        self.mail_signal.0.notified().await;
    }
}

/// The numbers of mails that wait.
///
/// # Errors
///
/// If the database fails.
pub async fn backlog(store: &Store) -> Result<MailBacklog, Error> {
    let sql = "SELECT count(*) AS pending, min(queued_at) AS oldest FROM mails";
    let row = store.reader.query_one_raw(store.kind.statement(sql, [])).await?.ok_or_else(Cause::unreadable)?;
    Ok(MailBacklog {
        pending: row.try_get::<i64>("", "pending")?.cast_unsigned(),
        oldest_pending: row.try_get::<Option<i64>>("", "oldest")?.map(time::from_millis),
    })
}
