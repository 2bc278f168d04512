//! Adds rows at the end of the trail.

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{
    head,
    row::{COLUMNS, Row},
};
use crate::{
    domain::{audit::Entry, id::AuditEventId},
    store::{Error, Tx, dialect::placeholders},
};

/// Values in one statement at most; SQLite and PostgreSQL take more, but each number of rows is a statement of its own to
/// prepare.
const VALUES: usize = 1_000;

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
        subjects.extend(entry.subjects.iter().map(|it| [it.uuid(), row.id].map(Value::from)));
        head.hash.clone_from(&row.hash);
        rows.push(row.values());
    }
    head.last_id = Uuid::to_string(&last.uuid());
    insert(tx, "audit_events", &COLUMNS, rows).await?;
    insert(tx, "audit_subjects", &["account_id", "event_id"], subjects).await?;
    head::keep(tx, head).await
}

async fn insert<const N: usize>(tx: &Tx, table: &str, columns: &[&str; N], rows: Vec<[Value; N]>) -> Result<(), Error> {
    let into = format!("INSERT INTO {table} ({})", columns.join(", "));
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(VALUES / N).collect();
        let tuples = (0..some.len()).map(|row| format!("({})", placeholders(1 + row * N, N)));
        let sql = format!("{into} VALUES {}", tuples.collect::<Vec<_>>().join(", "));
        tx.connection().execute_raw(tx.kind().statement(sql, some.into_iter().flatten())).await?;
    }
    Ok(())
}
