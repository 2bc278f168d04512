//! Looks through the whole trail for what was changed, removed, added or moved. It reads some rows at a time, all as they
//! were at one moment, while others go on writing.

use std::collections::{BTreeMap, HashSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    address::Address,
    head::{self, Head},
    row::{COLUMNS, Row},
    subjects,
};
use crate::dialect::Dialect;
use crate::{Error, Reader, Store};
use fieldguard_domain::audit::{Action, Verdict};

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
    verify_in(&store.snapshot().await?, noted).await
}

/// The same, as this transaction sees the trail.
pub(crate) async fn verify_in(tx: &impl Reader, noted: Option<(i64, String)>) -> Result<Verdict, Error> {
    let head = match head::read(tx).await {
        Ok(head) => head,
        Err(error @ (Error::Unavailable(_) | Error::Busy(_))) => return Err(error),
        Err(_) => return Ok(Verdict::Broken { number: 0, fault: "has lost its head" }),
    };
    let found = Walk::new(&head, noted, gone(tx).await?).through(tx).await?;
    Ok(match found {
        Err((number, fault)) => Verdict::Broken { number, fault },
        Ok(rows) => Verdict::Whole { rows, last: head.sequence, hash: head.hash },
    })
}

/// The members of sets, by their names.
type Sets = BTreeMap<String, Vec<Uuid>>;
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

    async fn through(mut self, tx: &impl Reader) -> Result<Result<i64, Fault>, Error> {
        let first = self.number;
        let mut after = i64::MIN;
        loop {
            let rows = rows(tx, after).await?;
            if rows.is_empty() {
                break;
            }
            let sets = subjects::sets_of_rows(tx, after, last(&rows)).await?;
            for row in &rows {
                let Some(row) = row else { return Ok(Err((self.number + 1, CHANGED))) };
                if let Err(fault) = self.step(row, &sets) {
                    return Ok(Err(fault));
                }
                after = row.sequence;
            }
        }
        let ended = self.end();
        if ended.is_ok() && subjects::has_nobodys(tx).await? {
            return Ok(Err((self.number, SUBJECTS)));
        }
        Ok(ended.map(|()| self.number - first))
    }

    fn step(&mut self, row: &Row, sets: &Sets) -> Result<(), Fault> {
        let expected = self.number + 1;
        if row.sequence > expected {
            return Err((expected, REMOVED));
        }
        if row.sequence < expected {
            return Err((row.sequence, ADDED));
        }
        let subjects = row.subject_set.as_ref().and_then(|it| sets.get(it)).map_or(&[][..], Vec::as_slice);
        let is_itself =
            row.hashed(subjects.iter().copied()) == row.hash && names(row, subjects) && self.has_its_address(row);
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
        if row.action == Action::AuditLogPruned.as_str() {
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
async fn gone(tx: &impl Reader) -> Result<HashSet<String>, Error> {
    let sql = "SELECT target_id FROM audit_events WHERE action = $1 AND target_id IS NOT NULL";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [Action::UserDeleted.as_str().into()])).await?;
    Ok(rows.iter().filter_map(|row| row.try_get("", "target_id").ok()).collect())
}

/// The next rows; nothing in the place of one that cannot be read.
async fn rows(tx: &impl Reader, after: i64) -> Result<Vec<Option<Row>>, Error> {
    let columns = COLUMNS.join(", ");
    let sql = format!("SELECT {columns} FROM audit_events WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [after.into(), AT_ONCE.into()])).await?;
    Ok(rows.iter().map(|row| Row::read(row).ok()).collect())
}

/// The number of the last of them; where it cannot be read, there is no end.
fn last(rows: &[Option<Row>]) -> i64 {
    rows.last().and_then(Option::as_ref).map_or(i64::MAX, |it| it.sequence)
}

/// Does the row name the set of those subjects? A row from before there were sets names it by its own identifier.
fn names(row: &Row, subjects: &[Uuid]) -> bool {
    let own = || (!subjects.is_empty()).then(|| row.id.simple().to_string());
    row.subject_set == subjects::named(subjects.iter().copied()) || row.subject_set == own()
}
