//! Appends events that belong to no change, in one statement for a batch.
//!
//! The appender remembers the head and the subject sets that exist. The statement adds the events only if the head is
//! still as remembered. If another writer appended meanwhile, nothing is stored, and the events are appended in a
//! transaction that reads the head first. Whatever deletes subject sets also moves the head.

use std::collections::HashSet;

use sea_orm::{Statement, Value};

use super::{
    append::{ROWS, append, chain, tuples},
    head::Head,
    row::{COLUMNS, Row},
    subjects,
};
use crate::{Error, Store, dialect::Dialect};
use fieldguard_domain::{audit::Entry, overview::DatabaseType, webhook_event::EventType};

/// Maximum number of remembered subject sets.
const MAX_SETS: usize = 4_096;
/// The number of values of the head, before those of the rows.
const HEAD_VALUES: usize = 5;

/// Appends events, see the module. Any number of them, also in other processes, can append to one audit log.
#[derive(Debug, Default)]
pub struct Appender {
    head: Option<Head>,
    sets: HashSet<String>,
}

impl Appender {
    /// Appends these entries in their order, all or none.
    ///
    /// # Errors
    ///
    /// [`Error::Uncertain`] if the database did not confirm and the events may be stored. After any other error
    /// nothing is stored.
    pub async fn append(&mut self, store: &Store, entries: &[Entry]) -> Result<(), Error> {
        debug_assert!(entries.iter().all(|entry| EventType::of(entry.action).is_none()), "a change records its events");
        // Until the end the head is unknown: the caller may drop the future, and the statement may fail.
        let known = self.head.take();
        if let Some(head) = &known
            && let Some(next) = self.follow(store, head, entries).await?
        {
            self.head = Some(next);
            store.observer.show(entries);
            return Ok(());
        }
        let tx = store.write().await?;
        let (before, head) = append(&tx, entries).await?;
        tx.commit().await?;
        // Another writer may have deleted sets.
        if known.is_none_or(|known| known.hash != before) || self.sets.len() > MAX_SETS {
            self.sets.clear();
        }
        self.sets.extend(entries.iter().filter_map(|entry| subjects::set_of(&entry.subjects)));
        self.head = Some(head);
        store.observer.show(entries);
        Ok(())
    }

    /// Appends the entries if the audit log still ends with `head`, and returns the new head.
    async fn follow(&self, store: &Store, head: &Head, entries: &[Entry]) -> Result<Option<Head>, Error> {
        if entries.len() > ROWS {
            return Ok(None);
        }
        let mut next = head.clone();
        let rows = chain(&mut next, entries)?;
        let are_known = rows.iter().filter_map(|row| row.subject_set.as_ref()).all(|set| self.sets.contains(set));
        if !are_known {
            return Ok(None);
        }
        let is_stored = store.write_at_once(statement(store.kind, head, &next, rows)).await?;
        Ok(is_stored.then_some(next))
    }
}

/// Adds the rows and moves the head to `next`, if it is still `head`. Then it returns rows, otherwise none.
fn statement(kind: DatabaseType, head: &Head, next: &Head, rows: Vec<Row>) -> Statement {
    let (columns, tuples) = (COLUMNS.join(", "), tuples(HEAD_VALUES + 1, rows.len()));
    let update = "UPDATE audit_head SET sequence = $1, hash = $2, last_id = $3, lead = $4 WHERE id = 1 AND hash = $5";
    let insert = format!("INSERT INTO audit_events ({columns}) SELECT events.* FROM (VALUES {tuples}) AS events");
    let sql = match kind {
        // One text, and so one message to the thread of the connection. The numbers count through all statements.
        DatabaseType::Sqlite => {
            format!("BEGIN IMMEDIATE; {update}; {insert} WHERE changes() = 1 RETURNING sequence; COMMIT")
        }
        DatabaseType::Postgres => {
            format!("WITH head AS ({update} RETURNING id) {insert} CROSS JOIN head RETURNING sequence")
        }
    };
    let of_head: [Value; HEAD_VALUES] = [
        next.sequence.into(),
        next.hash.as_str().into(),
        next.last_id.as_str().into(),
        next.lead.into(),
        head.hash.as_str().into(),
    ];
    kind.statement(sql, of_head.into_iter().chain(rows.into_iter().flat_map(Row::values)))
}
