//! Verifies the whole audit log. It reads the events in batches from one snapshot, while other transactions continue to
//! write.

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

const BATCH: i64 = 1_000;
const CHANGED: &str = "was changed";
const REHASHED: &str = "was changed and rehashed";
const REMOVED: &str = "was removed";
const ADDED: &str = "was added or moved";
const SUBJECTS: &str = "has other subjects than before";
const HEAD: &str = "is not the last event that was written";
const PRUNED: &str = "is not where the audit log was pruned";
const OTHER: &str = "does not match the noted hash";

/// Verifies the audit log. `noted` is the sequence number and hash of an event, as recorded elsewhere.
///
/// # Errors
///
/// If the database fails. An invalid audit log is a result, not an error.
pub async fn verify(store: &Store, noted: Option<(i64, String)>) -> Result<Verdict, Error> {
    verify_in(&store.snapshot().await?, noted).await
}

/// Verifies the audit log as this transaction sees it.
pub(crate) async fn verify_in(tx: &impl Reader, noted: Option<(i64, String)>) -> Result<Verdict, Error> {
    let head = match head::read(tx).await {
        Ok(head) => head,
        Err(error @ (Error::Unavailable(_) | Error::Busy(_))) => return Err(error),
        Err(_) => {
            return Ok(Verdict::Broken {
                number: 0,
                fault: "cannot be verified: the head of the audit log is missing",
            });
        }
    };
    let found = Verification::new(&head, noted, deleted_users(tx).await?).through(tx).await?;
    Ok(match found {
        Err((number, fault)) => Verdict::Broken { number, fault },
        Ok(rows) => Verdict::Whole { rows, last: head.sequence, hash: head.hash },
    })
}

/// The members of sets, by name.
type Sets = BTreeMap<String, Vec<Uuid>>;
/// The sequence number of an event and what is wrong with it.
type Fault = (i64, &'static str);

struct Verification<'a> {
    head: &'a Head,
    noted: Option<(i64, String)>,
    /// The sequence number of the last valid event.
    number: i64,
    hash: String,
    id: Uuid,
    /// The sequence number up to which the audit log was pruned, according to its events.
    pruned: i64,
    /// The deleted users. Only their addresses may be missing.
    deleted: HashSet<String>,
}

impl<'a> Verification<'a> {
    fn new(head: &'a Head, noted: Option<(i64, String)>, deleted: HashSet<String>) -> Self {
        let (number, hash) = (head.pruned_sequence, head.pruned_hash.clone());
        Self { head, noted, number, hash, id: Uuid::nil(), pruned: 0, deleted }
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
        if ended.is_ok() && subjects::has_unreferenced(tx).await? {
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
        let subjects = row.subject_set.as_ref().and_then(|name| sets.get(name)).map_or(&[][..], Vec::as_slice);
        let is_valid =
            row.hashed(subjects.iter().copied()) == row.hash && names_set(row, subjects) && self.has_valid_address(row);
        if row.previous != self.hash {
            // A valid event vouches for the previous one.
            return Err(match is_valid {
                false => (expected, CHANGED),
                true if self.id.is_nil() => (self.number, PRUNED),
                true => (self.number, REHASHED),
            });
        }
        if !is_valid || row.id <= self.id {
            return Err((expected, CHANGED));
        }
        if self.noted.as_ref().is_some_and(|(number, hash)| *number == expected && *hash != row.hash) {
            return Err((expected, OTHER));
        }
        if row.action == Action::AuditLogPruned.as_str() {
            self.pruned = row.reason.as_deref().and_then(|reason| reason.parse().ok()).unwrap_or_default();
        }
        (self.number, self.id) = (expected, row.id);
        self.hash.clone_from(&row.hash);
        Ok(())
    }

    /// Whether the address is unchanged, or was deleted with its user.
    fn has_valid_address(&self, row: &Row) -> bool {
        match row.address() {
            Address::Kept => true,
            Address::Deleted => row.address_owner().is_some_and(|user| self.deleted.contains(user)),
            Address::Changed => false,
        }
    }

    /// Checks that the last event is the one that was written last, and the first one follows the pruned ones.
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

/// The users whose deletion is in the audit log. Their older events are pruned first.
async fn deleted_users(tx: &impl Reader) -> Result<HashSet<String>, Error> {
    let sql = "SELECT target_id FROM audit_events WHERE action = $1 AND target_id IS NOT NULL";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [Action::UserDeleted.as_str().into()])).await?;
    Ok(rows.iter().filter_map(|row| row.try_get("", "target_id").ok()).collect())
}

/// The next rows, with `None` for an unreadable one.
async fn rows(tx: &impl Reader, after: i64) -> Result<Vec<Option<Row>>, Error> {
    let columns = COLUMNS.join(", ");
    let sql = format!("SELECT {columns} FROM audit_events WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [after.into(), BATCH.into()])).await?;
    Ok(rows.iter().map(|row| Row::read(row).ok()).collect())
}

/// The sequence number of the last row. If it is unreadable, there is no upper limit.
fn last(rows: &[Option<Row>]) -> i64 {
    rows.last().and_then(Option::as_ref).map_or(i64::MAX, |row| row.sequence)
}

/// Whether the event refers to the set of these subjects. An event from before sets existed refers to it by its own
/// identifier.
fn names_set(row: &Row, subjects: &[Uuid]) -> bool {
    let own = || (!subjects.is_empty()).then(|| row.id.simple().to_string());
    row.subject_set == subjects::name_of(subjects.iter().copied()) || row.subject_set == own()
}
