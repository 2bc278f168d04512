//! Looks through the whole trail for what was changed, removed, added or moved. It reads some rows at a time, all as they
//! were at one moment, while others go on writing.

use std::collections::{BTreeMap, HashSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    address::Address,
    head::{self, Head},
    row::{COLUMNS, Row},
};
use crate::{
    domain::audit::{Action, Verdict},
    store::{Error, Store, Tx},
};

const AT_ONCE: i64 = 1_000;
const CHANGED: &str = "was changed";
const REHASHED: &str = "was changed and hashed anew";
const REMOVED: &str = "was removed";
const ADDED: &str = "was added or moved";
const SUBJECTS: &str = "speaks of other accounts than it did";
const HEAD: &str = "is not the last one that was written";
const PRUNED: &str = "is not where the trail was pruned";
const OTHER: &str = "is not the one that was noted";

/// Looks through it. `noted` is the number and the hash of a row, as they were kept elsewhere.
///
/// # Errors
///
/// Where the database fails. What is wrong with the trail is no error but the answer.
pub async fn verify(store: &Store, noted: Option<(i64, String)>) -> Result<Verdict, Error> {
    let tx = store.snapshot().await?;
    let head = match head::read(&tx).await {
        Ok(head) => head,
        Err(error @ Error::Unavailable(_)) => return Err(error),
        Err(_) => return Ok(Verdict::Broken { number: 0, fault: "has lost its head" }),
    };
    let found = Walk::new(&head, noted, gone(&tx).await?).through(&tx).await?;
    Ok(match found {
        Err((number, fault)) => Verdict::Broken { number, fault },
        Ok(rows) => Verdict::Whole { rows, last: head.sequence, hash: head.hash },
    })
}

/// The number of a row and what is wrong with it.
type Fault = (i64, &'static str);

struct Walk<'a> {
    head: &'a Head,
    noted: Option<(i64, String)>,
    /// The last row that is in order.
    number: i64,
    hash: String,
    id: Uuid,
    /// Up to where the trail was pruned, as its rows say.
    pruned: i64,
    /// The accounts that were deleted: only their addresses may be forgotten.
    gone: HashSet<String>,
}

impl<'a> Walk<'a> {
    fn new(head: &'a Head, noted: Option<(i64, String)>, gone: HashSet<String>) -> Self {
        let (number, hash) = (head.pruned_sequence, head.pruned_hash.clone());
        Self { head, noted, number, hash, id: Uuid::nil(), pruned: 0, gone }
    }

    async fn through(mut self, tx: &Tx) -> Result<Result<i64, Fault>, Error> {
        let first = self.number;
        let mut after = i64::MIN;
        loop {
            let rows = rows(tx, after).await?;
            if rows.is_empty() {
                break;
            }
            let mut subjects = subjects(tx, self.id, rows.last().and_then(|it| it.as_ref()).map(|it| it.id)).await?;
            for row in &rows {
                let Some(row) = row else { return Ok(Err((self.number + 1, CHANGED))) };
                if let Err(fault) = self.step(row, &mut subjects) {
                    return Ok(Err(fault));
                }
                after = row.sequence;
            }
            if !subjects.is_empty() {
                return Ok(Err((self.number, SUBJECTS)));
            }
        }
        let ended = self.end();
        if ended.is_ok() && !subjects(tx, self.id, None).await?.is_empty() {
            return Ok(Err((self.number, SUBJECTS)));
        }
        Ok(ended.map(|()| self.number - first))
    }

    fn step(&mut self, row: &Row, subjects: &mut BTreeMap<Uuid, Vec<Uuid>>) -> Result<(), Fault> {
        let expected = self.number + 1;
        if row.sequence > expected {
            return Err((expected, REMOVED));
        }
        if row.sequence < expected {
            return Err((row.sequence, ADDED));
        }
        let read = subjects.remove(&row.id).unwrap_or_default();
        let is_itself = row.hashed(read.into_iter()) == row.hash && self.has_its_address(row);
        if row.previous != self.hash {
            // A row that is in order vouches for the one before.
            return Err(match is_itself {
                false => (expected, CHANGED),
                true if self.id.is_nil() => (self.number, PRUNED),
                true => (self.number, REHASHED),
            });
        }
        if !is_itself || row.id <= self.id {
            return Err((expected, CHANGED));
        }
        if self.noted.as_ref().is_some_and(|(number, hash)| *number == expected && *hash != row.hash) {
            return Err((expected, OTHER));
        }
        if row.action == Action::TrailPruned.as_str() {
            self.pruned = row.reason.as_deref().and_then(|it| it.parse().ok()).unwrap_or_default();
        }
        (self.number, self.id) = (expected, row.id);
        self.hash.clone_from(&row.hash);
        Ok(())
    }

    /// Is its address what it was, or forgotten for good reason?
    fn has_its_address(&self, row: &Row) -> bool {
        match row.address() {
            Address::Kept => true,
            Address::Forgotten => row.whose_address().is_some_and(|it| self.gone.contains(it)),
            Address::Changed => false,
        }
    }

    /// Is the last row the one that was written last, and the first the one that the trail was pruned to?
    fn end(&self) -> Result<(), Fault> {
        let head = self.head;
        if self.number < head.sequence {
            return Err((self.number + 1, REMOVED));
        }
        let is_last = self.id.is_nil() || head.last_id == self.id.to_string();
        if self.number > head.sequence || self.hash != head.hash || !is_last {
            return Err((self.number, HEAD));
        }
        if self.pruned != head.pruned_sequence {
            return Err((head.pruned_sequence, PRUNED));
        }
        match &self.noted {
            Some((number, _)) if *number > self.number => Err((*number, REMOVED)),
            _ => Ok(()),
        }
    }
}

/// The accounts that were deleted, as the rows say that are still there: an older row of theirs is pruned before.
async fn gone(tx: &Tx) -> Result<HashSet<String>, Error> {
    let sql = "SELECT target_id FROM audit_events WHERE action = $1 AND target_id IS NOT NULL";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [Action::UserDeleted.as_str().into()])).await?;
    Ok(rows.iter().filter_map(|row| row.try_get("", "target_id").ok()).collect())
}

/// The next rows; nothing in the place of one that cannot be read.
async fn rows(tx: &Tx, after: i64) -> Result<Vec<Option<Row>>, Error> {
    let columns = COLUMNS.join(", ");
    let sql = format!("SELECT {columns} FROM audit_events WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [after.into(), AT_ONCE.into()])).await?;
    Ok(rows.iter().map(|row| Row::read(row).ok()).collect())
}

/// The subjects of the rows after one identifier and up to another, or to the end.
async fn subjects(tx: &Tx, after: Uuid, until: Option<Uuid>) -> Result<BTreeMap<Uuid, Vec<Uuid>>, Error> {
    let sql = "SELECT event_id, account_id FROM audit_subjects WHERE event_id > $1 AND event_id <= $2 \
               ORDER BY event_id, account_id";
    let values = [after.into(), until.unwrap_or(Uuid::max()).into()];
    let mut found = BTreeMap::<Uuid, Vec<Uuid>>::new();
    for row in tx.connection().query_all_raw(tx.kind().statement(sql, values)).await? {
        // One that cannot be read is nobody's.
        let event = row.try_get("", "event_id").unwrap_or_default();
        found.entry(event).or_default().push(row.try_get("", "account_id").unwrap_or_default());
    }
    Ok(found)
}
