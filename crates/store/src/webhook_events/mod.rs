//! The outbox of webhook events. [`Tx::commit`](super::Tx::commit) records events with the change that they tell of;
//! servers claim them for some time, deliver them, and store what came of it.
//!
//! An event is claimed only when no earlier event of its user is pending, so each user's events arrive in the order of
//! their commits. A claim is a lease: if its server stops, another claims the event when the lease has expired.

mod claim;
mod forget;
mod list;
mod record;
mod replay;
mod row;
mod settle;

use std::sync::Arc;

use tokio::sync::Notify;

use super::Store;
use fieldguard_domain::{overview::DatabaseType, webhook_event::EventTypes};

pub use claim::{Claimed, claim, has_due};
pub use forget::{forget_user, prune};
pub use list::{backlog, find, list};
pub(super) use record::{insert, prepare};
pub use replay::{replay, replay_dead};
pub use settle::{deliver, give_up, retry};

/// The types of events that a store records, and a signal for each commit that recorded one.
#[derive(Debug)]
pub(super) struct Outbox {
    pub(super) types: EventTypes,
    pub(super) recorded: Notify,
}

impl Store {
    /// The same store, whose changes record webhook events of these types.
    #[must_use]
    pub fn recording(self, types: EventTypes) -> Self {
        Self { outbox: Some(Arc::new(Outbox { types, recorded: Notify::new() })), ..self }
    }

    /// Waits until this process has recorded a webhook event. An event that was recorded since the last wait counts.
    /// Forever if it records none.
    pub async fn webhook_event_recorded(&self) {
        match &self.outbox {
            Some(outbox) => outbox.recorded.notified().await,
            None => std::future::pending().await,
        }
    }
}

/// The lock on rows that a statement updates, which it takes in the order of the subquery: two transactions that update
/// several events of a user must not wait for each other. On SQLite the transaction itself is the lock.
const fn lock(kind: DatabaseType) -> &'static str {
    match kind {
        DatabaseType::Sqlite => "",
        DatabaseType::Postgres => "FOR UPDATE",
    }
}

/// Makes SQLite use a partial index. It prefers an index with more columns, and would read every event that waits for a
/// later time.
fn indexed_by(kind: DatabaseType, index: &str) -> String {
    match kind {
        DatabaseType::Sqlite => format!("INDEXED BY {index}"),
        DatabaseType::Postgres => String::new(),
    }
}
