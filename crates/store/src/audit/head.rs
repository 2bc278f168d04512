//! The head of the audit log: its last event, and the last that was pruned. Writers must lock it.

use sea_orm::ConnectionTrait;

use crate::dialect::Dialect;
use crate::{Cause, Error, Reader};
use fieldguard_domain::{id::AuditEventId, overview::DatabaseType};

/// Both ends of the audit log.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// The sequence number of the last event; 0 if there never was one.
    pub(super) sequence: i64,
    /// The hash of the last event; zeros if there never was one.
    pub(super) hash: String,
    /// The identifier of the last event.
    pub(super) last_id: String,
    /// The maximum number of milliseconds by which the time in an event's identifier was later than the event.
    pub(super) lead: i64,
    /// The sequence number of the last pruned event; 0 if there is none.
    pub(super) pruned_sequence: i64,
    /// The hash of the last pruned event; zeros if there is none.
    pub(super) pruned_hash: String,
}

impl Head {
    /// The sequence number of the first of the last `count` events.
    pub(crate) fn first_of(&self, count: usize) -> i64 {
        self.sequence.saturating_add(1).saturating_sub(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// The identifier of the last event.
    pub(super) fn last_id(&self) -> Result<AuditEventId, Error> {
        AuditEventId::parse(&self.last_id).ok_or_else(Cause::unreadable)
    }
}

/// Reads the head without a lock.
pub(super) async fn read(reader: &impl Reader) -> Result<Head, Error> {
    select(reader, "").await
}

/// Locks the head until the transaction ends, and reads it. On SQLite the transaction itself is the lock.
pub(super) async fn hold(tx: &impl Reader) -> Result<Head, Error> {
    let lock = match tx.kind() {
        DatabaseType::Sqlite => "",
        DatabaseType::Postgres => " FOR UPDATE",
    };
    select(tx, lock).await
}

async fn select(reader: &impl Reader, lock: &str) -> Result<Head, Error> {
    let sql = format!(
        "SELECT sequence, hash, last_id, lead, pruned_sequence, pruned_hash FROM audit_head WHERE id = 1{lock}"
    );
    let row = reader.connection().query_one_raw(reader.kind().statement(sql, [])).await?;
    let row = row.ok_or_else(Cause::unreadable)?;
    Ok(Head {
        sequence: row.try_get("", "sequence")?,
        hash: row.try_get("", "hash")?,
        last_id: row.try_get("", "last_id")?,
        lead: row.try_get("", "lead")?,
        pruned_sequence: row.try_get("", "pruned_sequence")?,
        pruned_hash: row.try_get("", "pruned_hash")?,
    })
}

/// Writes the locked head.
pub(super) async fn keep(tx: &impl Reader, head: &Head) -> Result<(), Error> {
    let sql = "UPDATE audit_head SET sequence = $1, hash = $2, last_id = $3, lead = $4, pruned_sequence = $5, \
               pruned_hash = $6 WHERE id = 1";
    let values = [
        head.sequence.into(),
        head.hash.as_str().into(),
        head.last_id.as_str().into(),
        head.lead.into(),
        head.pruned_sequence.into(),
        head.pruned_hash.as_str().into(),
    ];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    Ok(())
}
