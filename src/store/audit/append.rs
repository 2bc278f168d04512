//! Adds rows at the end of the trail.

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{
    head,
    row::{COLUMNS, Row},
};
use crate::{
    domain::{audit::Entry, id::AuditEventId, overview::DatabaseKind},
    store::{Error, Tx, dialect::placeholders},
};

/// Rows in one statement at most. The databases take more, but each number of rows is a statement of its own to prepare.
const ROWS: usize = 32;

/// Adds these, in their order, as the last thing that `tx` does: from here to its end nobody else can add any.
///
/// # Errors
///
/// Where the database fails.
pub(in crate::store) async fn append(tx: &Tx, entries: &[Entry]) -> Result<(), Error> {
    let mut head = head::hold(tx).await?;
    let mut last = head.last_id()?;
    let (mut rows, mut subjects) = (Vec::new(), Vec::new());
    for entry in entries {
        last = AuditEventId::following(last, entry.at);
        head.sequence += 1;
        let row = Row::new(entry, last, head.sequence, &head.hash);
        subjects.extend(entry.subjects.iter().map(|it| [it.uuid(), row.id]));
        head.hash.clone_from(&row.hash);
        rows.push(row.values());
    }
    head.last_id = Uuid::to_string(&last.uuid());
    insert(tx, rows).await?;
    insert_subjects(tx, &subjects).await?;
    head::keep(tx, head).await
}

/// A list of accounts is read at a time, so these are many: they go over as one value, and the statement stays the same.
async fn insert_subjects(tx: &Tx, subjects: &[[Uuid; 2]]) -> Result<(), Error> {
    if subjects.is_empty() {
        return Ok(());
    }
    let from = match tx.kind() {
        DatabaseKind::Sqlite => "SELECT unhex(value ->> 0), unhex(value ->> 1) FROM json_each($1)",
        DatabaseKind::Postgres => {
            "SELECT CAST(value ->> 0 AS uuid), CAST(value ->> 1 AS uuid) FROM json_array_elements(CAST($1 AS json))"
        }
    };
    let values = subjects.iter().map(|pair| pair.map(|it| it.simple().to_string())).collect::<Vec<_>>();
    let json = serde_json::json!(values).to_string();
    let sql = format!("INSERT INTO audit_subjects (account_id, event_id) {from}");
    tx.connection().execute_raw(tx.kind().statement(sql, [json.into()])).await?;
    Ok(())
}

async fn insert(tx: &Tx, rows: Vec<[Value; COLUMNS.len()]>) -> Result<(), Error> {
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
