//! The head of the trail: its last row, and the last that was pruned. Who holds it is the only one to write.

use sea_orm::ConnectionTrait;

use crate::dialect::Dialect;
use crate::{Cause, Error, Reader};
use fieldguard_domain::{id::AuditEventId, overview::DatabaseKind};

/// The two ends of the trail.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// The number of the last row; 0 where there never was one.
    pub(super) sequence: i64,
    /// Its hash; zeros where there never was one.
    pub(super) hash: String,
    /// Its identifier.
    pub(super) last_id: String,
    /// By how many milliseconds the time in the identifier of a row was later than the time of the row, at most.
    pub(super) lead: i64,
    /// The number of the last row that was pruned; 0 where none was.
    pub(super) pruned_sequence: i64,
    /// Its hash; zeros where none was.
    pub(super) pruned_hash: String,
}

impl Head {
    /// The identifier of the last row.
    pub(super) fn last_id(&self) -> Result<AuditEventId, Error> {
        AuditEventId::parse(&self.last_id).ok_or_else(Cause::unreadable)
    }
}

/// The head as it stands.
pub(super) async fn read(reader: &impl Reader) -> Result<Head, Error> {
    ask(reader, "").await
}

/// The head, which nobody else holds until the transaction ends. On SQLite the transaction itself sees to that.
pub(super) async fn hold(tx: &impl Reader) -> Result<Head, Error> {
    let lock = match tx.kind() {
        DatabaseKind::Sqlite => "",
        DatabaseKind::Postgres => " FOR UPDATE",
    };
    ask(tx, lock).await
}

async fn ask(reader: &impl Reader, lock: &str) -> Result<Head, Error> {
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

/// Writes the head, which is held.
pub(super) async fn keep(tx: &impl Reader, head: Head) -> Result<(), Error> {
    let sql = "UPDATE audit_head SET sequence = $1, hash = $2, last_id = $3, lead = $4, pruned_sequence = $5, \
               pruned_hash = $6 WHERE id = 1";
    let values = [
        head.sequence.into(),
        head.hash.into(),
        head.last_id.into(),
        head.lead.into(),
        head.pruned_sequence.into(),
        head.pruned_hash.into(),
    ];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    Ok(())
}
