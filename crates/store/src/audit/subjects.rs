//! The accounts that rows of the trail speak of, as sets: rows that speak of the same accounts share one, so that a list
//! which is read again and again is kept once. A set is never changed, and goes with the last row that speaks of it.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{Context, SHA256};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::hash::hexadecimal;
use crate::dialect::Dialect;
use crate::{Error, Reader, Store};
use fieldguard_domain::{
    id::{AuditEventId, UserId},
    overview::DatabaseKind,
};

/// The bytes of the hash that name a set. As many as an identifier has: nobody finds two sets with one name.
const NAME_BYTES: usize = 16;

/// The name of the set, which follows from its members; nothing for none.
pub(super) fn set_of(members: &BTreeSet<UserId>) -> Option<String> {
    named(members.iter().map(|it| it.uuid()))
}

/// The same of members in their order.
pub(super) fn named(members: impl ExactSizeIterator<Item = Uuid>) -> Option<String> {
    if members.len() == 0 {
        return None;
    }
    let mut hash = Context::new(&SHA256);
    members.for_each(|it| hash.update(it.as_bytes()));
    Some(hexadecimal(&hash.finish().as_ref()[..NAME_BYTES]))
}

/// Sets that rows speak of which are being written.
#[derive(Default)]
pub(super) struct Sets<'a>(BTreeMap<String, &'a BTreeSet<UserId>>);

impl<'a> Sets<'a> {
    pub(super) fn add(&mut self, name: Option<&String>, members: &'a BTreeSet<UserId>) {
        if let Some(name) = name {
            self.0.entry(name.clone()).or_insert(members);
        }
    }

    /// Writes those that are not there yet. The head is held, so nobody else writes or removes any meanwhile.
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
        let members = self.0.iter().flat_map(|(name, members)| members.iter().map(move |it| pair(*it, name)));
        insert(tx, json(members)).await
    }
}

/// Those of the names under which there is a set.
async fn known(tx: &impl Reader, names: String) -> Result<Vec<String>, Error> {
    let from = match tx.kind() {
        DatabaseKind::Sqlite => "json_each($1)",
        DatabaseKind::Postgres => "json_array_elements_text(CAST($1 AS json)) AS names(value)",
    };
    let sql = format!("SELECT value FROM {from} WHERE EXISTS (SELECT 1 FROM audit_subjects WHERE set_id = value)");
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [names.into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "value")).collect::<Result<_, _>>()?)
}

/// Members are many: they go over as one value, so that the statement is the same however many there are.
async fn insert(tx: &impl Reader, members: String) -> Result<(), Error> {
    let from = match tx.kind() {
        DatabaseKind::Sqlite => "SELECT unhex(value ->> 0), value ->> 1 FROM json_each($1)",
        DatabaseKind::Postgres => {
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

/// Removes the sets that only rows up to that number speak of. The head is held.
pub(super) async fn forget_up_to(tx: &impl Reader, number: i64) -> Result<(), Error> {
    let sql = "DELETE FROM audit_subjects \
               WHERE set_id IN (SELECT subject_set FROM audit_events WHERE sequence <= $1) \
               AND NOT EXISTS (SELECT 1 FROM audit_events WHERE subject_set = set_id \
               AND id > (SELECT id FROM audit_events WHERE sequence = $1))";
    tx.connection().execute_raw(tx.kind().statement(sql, [number.into()])).await?;
    Ok(())
}

/// The members of every set that the rows after one number and up to another speak of, in their order.
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
        // One that cannot be read is nobody.
        let account = row.try_get("", "account_id").unwrap_or_default();
        found.entry(row.try_get("", "set_id")?).or_default().push(account);
    }
    Ok(found)
}

/// Is there a set that no row speaks of?
pub(super) async fn has_nobodys(tx: &impl Reader) -> Result<bool, Error> {
    let sql = "SELECT 1 AS one FROM audit_subjects WHERE NOT EXISTS \
               (SELECT 1 FROM audit_events WHERE subject_set = set_id) LIMIT 1";
    Ok(tx.connection().query_one_raw(tx.kind().statement(sql, [])).await?.is_some())
}

/// The accounts that the row speaks of as those whose personal fields were read.
///
/// # Errors
///
/// Where the database fails.
pub async fn subjects(store: &Store, event: AuditEventId) -> Result<Vec<UserId>, Error> {
    let sql = "SELECT account_id FROM audit_subjects \
               WHERE set_id = (SELECT subject_set FROM audit_events WHERE id = $1) ORDER BY account_id";
    let rows = store.reader.query_all_raw(store.kind.statement(sql, [event.uuid().into()])).await?;
    Ok(rows.iter().map(|row| row.try_get::<Uuid>("", "account_id").map(UserId::from)).collect::<Result<_, _>>()?)
}
