//! Appends events to the audit log.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    head::{self, Head},
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
pub(super) const ROWS: usize = 32;

/// Appends these entries in their order. Returns the hash of the event before them, and the new head. It must be the
/// last operation of the transaction `tx`: it locks the audit log until the transaction ends.
///
/// # Errors
///
/// If the database fails.
pub(crate) async fn append(tx: &impl Reader, entries: &[Entry]) -> Result<(String, Head), Error> {
    let mut head = head::hold(tx).await?;
    let before = head.hash.clone();
    let rows = chain(&mut head, entries)?;
    let mut sets = Sets::default();
    for (row, entry) in rows.iter().zip(entries) {
        sets.add(row.subject_set.as_ref(), &entry.subjects);
    }
    insert(tx, rows).await?;
    sets.keep(tx).await?;
    head::keep(tx, &head).await?;
    Ok((before, head))
}

/// The rows of these entries, which follow `head`. It becomes the head after them.
pub(super) fn chain(head: &mut Head, entries: &[Entry]) -> Result<Vec<Row>, Error> {
    let mut last = head.last_id()?;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        last = AuditEventId::following(last, entry.at);
        head.sequence += 1;
        let row = Row::new(entry, last, head.sequence, &head.hash);
        head.lead = head.lead.max(millis_of(row.id).saturating_sub(row.occurred_at));
        head.hash.clone_from(&row.hash);
        rows.push(row);
    }
    head.last_id = Uuid::to_string(&last.uuid());
    Ok(rows)
}

/// The placeholders of `rows` rows, starting with `$first`.
pub(super) fn tuples(first: usize, rows: usize) -> String {
    let tuples = (0..rows).map(|row| placeholders(first + row * COLUMNS.len(), COLUMNS.len()));
    format!("({})", tuples.collect::<Vec<_>>().join("), ("))
}

async fn insert(tx: &impl Reader, rows: Vec<Row>) -> Result<(), Error> {
    let into = format!("INSERT INTO audit_events ({})", COLUMNS.join(", "));
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(ROWS).collect();
        let sql = format!("{into} VALUES {}", tuples(1, some.len()));
        tx.connection().execute_raw(tx.kind().statement(sql, some.into_iter().flat_map(Row::values))).await?;
    }
    Ok(())
}
