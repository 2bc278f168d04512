//! Appends events to the audit log.

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{
    head,
    row::{COLUMNS, Row},
    subjects::Sets,
};
use crate::dialect::Dialect;
use crate::{Error, Reader, dialect::placeholders};
use fieldguard_domain::{
    audit::Entry,
    id::{AuditEventId, millis_of},
};

/// Maximum number of rows in one statement. The databases accept more, but each number of rows needs its own prepared
/// statement.
const ROWS: usize = 32;

/// Appends these entries in their order. It must be the last operation of the transaction `tx`: it locks the audit log
/// until the transaction ends.
///
/// # Errors
///
/// If the database fails.
pub(crate) async fn append(tx: &impl Reader, entries: &[Entry]) -> Result<(), Error> {
    let mut head = head::hold(tx).await?;
    let mut last = head.last_id()?;
    let (mut rows, mut sets) = (Vec::new(), Sets::default());
    for entry in entries {
        last = AuditEventId::following(last, entry.at);
        head.sequence += 1;
        let row = Row::new(entry, last, head.sequence, &head.hash);
        head.lead = head.lead.max(millis_of(row.id).saturating_sub(row.occurred_at));
        sets.add(row.subject_set.as_ref(), &entry.subjects);
        head.hash.clone_from(&row.hash);
        rows.push(row.values());
    }
    head.last_id = Uuid::to_string(&last.uuid());
    insert(tx, rows).await?;
    sets.keep(tx).await?;
    head::keep(tx, head).await
}

async fn insert(tx: &impl Reader, rows: Vec<[Value; COLUMNS.len()]>) -> Result<(), Error> {
    let into = format!("INSERT INTO audit_events ({})", COLUMNS.join(", "));
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(ROWS).collect();
        let tuples = (0..some.len()).map(|row| placeholders(1 + row * COLUMNS.len(), COLUMNS.len()));
        let sql = format!("{into} VALUES ({})", tuples.collect::<Vec<_>>().join("), ("));
        tx.connection().execute_raw(tx.kind().statement(sql, some.into_iter().flatten())).await?;
    }
    Ok(())
}
