//! The subjects of audit events, as sets of users. Events with the same subjects share one set, so that repeated reads
//! of a list are stored once. A set never changes, and is deleted with the last event that refers to it.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::dialect::Dialect;
use crate::{Error, Reader, Store};
use fieldguard_domain::{
    id::{AuditEventId, UserId},
    overview::DatabaseType,
};

/// The number of hash bytes that name a set. They are as many as in an identifier, so collisions do not occur.
const NAME_BYTES: usize = 16;

/// The name of the set, derived from its members. `None` for an empty set.
pub(super) fn set_of(members: &BTreeSet<UserId>) -> Option<String> {
    name_of(members.iter().map(|member| member.uuid()))
}

/// Like [`set_of`], for members in order.
pub(super) fn name_of(members: impl ExactSizeIterator<Item = Uuid>) -> Option<String> {
    if members.len() == 0 {
        return None;
    }
    let bytes: Vec<u8> = members.flat_map(Uuid::into_bytes).collect();
    Some(HEXLOWER.encode(&digest(&SHA256, &bytes).as_ref()[..NAME_BYTES]))
}

/// Sets to write with their events.
#[derive(Default)]
pub(super) struct Sets<'a>(BTreeMap<String, &'a BTreeSet<UserId>>);

impl<'a> Sets<'a> {
    pub(super) fn add(&mut self, name: Option<&String>, members: &'a BTreeSet<UserId>) {
        if let Some(name) = name {
            self.0.entry(name.clone()).or_insert(members);
        }
    }

    /// Writes the sets that do not exist yet. The head is locked, so no other transaction writes or deletes sets.
    pub(super) async fn keep(mut self, tx: &impl Reader) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        for name in known(tx, json(self.0.keys())).await? {
            self.0.remove(&name);
        }
        if self.0.is_empty() {
            return Ok(());
        }
        let members = self.0.iter().flat_map(|(name, members)| members.iter().map(move |member| pair(*member, name)));
        insert(tx, json(members)).await
    }
}

/// The names among `names` of sets that exist.
async fn known(tx: &impl Reader, names: String) -> Result<Vec<String>, Error> {
    let from = match tx.kind() {
        DatabaseType::Sqlite => "json_each($1)",
        DatabaseType::Postgres => "json_array_elements_text(CAST($1 AS json)) AS names(value)",
    };
    let sql = format!("SELECT value FROM {from} WHERE EXISTS (SELECT 1 FROM audit_subjects WHERE set_id = value)");
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [names.into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "value")).collect::<Result<_, _>>()?)
}

/// Inserts all members as one value, so that the statement is the same for any number of members.
async fn insert(tx: &impl Reader, members: String) -> Result<(), Error> {
    let from = match tx.kind() {
        DatabaseType::Sqlite => "SELECT unhex(value ->> 0), value ->> 1 FROM json_each($1)",
        DatabaseType::Postgres => {
            "SELECT CAST(value ->> 0 AS uuid), value ->> 1 FROM json_array_elements(CAST($1 AS json))"
        }
    };
    let sql = format!("INSERT INTO audit_subjects (account_id, set_id) {from}");
    tx.connection().execute_raw(tx.kind().statement(sql, [members.into()])).await?;
    Ok(())
}

fn pair(account: UserId, name: &str) -> [String; 2] {
    [account.uuid().simple().to_string(), name.to_owned()]
}

fn json<T: serde::Serialize>(items: impl Iterator<Item = T>) -> String {
    serde_json::json!(items.collect::<Vec<_>>()).to_string()
}

/// Deletes the sets that only events up to this sequence number refer to. The head is locked.
pub(super) async fn forget_up_to(tx: &impl Reader, number: i64) -> Result<(), Error> {
    let sql = "DELETE FROM audit_subjects \
               WHERE set_id IN (SELECT subject_set FROM audit_events WHERE sequence <= $1) \
               AND NOT EXISTS (SELECT 1 FROM audit_events WHERE subject_set = set_id \
               AND id > (SELECT id FROM audit_events WHERE sequence = $1))";
    tx.connection().execute_raw(tx.kind().statement(sql, [number.into()])).await?;
    Ok(())
}

/// The members, in order, of every set that the events with sequence numbers after `after` and up to `until` refer to.
pub(super) async fn sets_of_rows(
    tx: &impl Reader,
    after: i64,
    until: i64,
) -> Result<BTreeMap<String, Vec<Uuid>>, Error> {
    let sql = "SELECT set_id, account_id FROM audit_subjects WHERE set_id IN \
               (SELECT subject_set FROM audit_events WHERE sequence > $1 AND sequence <= $2) \
               ORDER BY set_id, account_id";
    let mut found = BTreeMap::<String, Vec<Uuid>>::new();
    for row in tx.connection().query_all_raw(tx.kind().statement(sql, [after.into(), until.into()])).await? {
        // An unreadable member becomes the nil identifier.
        let account = row.try_get("", "account_id").unwrap_or_default();
        found.entry(row.try_get("", "set_id")?).or_default().push(account);
    }
    Ok(found)
}

/// Whether there is a set that no event refers to.
pub(super) async fn has_unreferenced(tx: &impl Reader) -> Result<bool, Error> {
    let sql = "SELECT 1 AS one FROM audit_subjects WHERE NOT EXISTS \
               (SELECT 1 FROM audit_events WHERE subject_set = set_id) LIMIT 1";
    Ok(tx.connection().query_one_raw(tx.kind().statement(sql, [])).await?.is_some())
}

/// The users whose personal data the event's action read.
///
/// # Errors
///
/// If the database fails.
pub async fn subjects(store: &Store, event: AuditEventId) -> Result<Vec<UserId>, Error> {
    let sql = "SELECT account_id FROM audit_subjects \
               WHERE set_id = (SELECT subject_set FROM audit_events WHERE id = $1) ORDER BY account_id";
    let rows = store.reader.query_all_raw(store.kind.statement(sql, [event.uuid().into()])).await?;
    Ok(rows.iter().map(|row| row.try_get::<Uuid>("", "account_id").map(UserId::from)).collect::<Result<_, _>>()?)
}
