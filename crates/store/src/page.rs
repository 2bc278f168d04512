//! Keyset pages of a table. The sort key, in most lists the primary key, finds a page, so the last page costs as much
//! as the first. A page is fetched as one row of JSON, because SQLite's driver passes every row between threads.
//!
//! Only tables whose key is an identifier of [`fieldguard_domain::id`] are supported.

use std::cmp::Ordering;

use sea_orm::FromQueryResult;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Cause, Error, Store};
use crate::dialect::Dialect;
use fieldguard_domain::overview::DatabaseType;
use fieldguard_domain::page::{Direction, Page, PageRequest};

/// A list in the order of the primary key.
pub(super) struct Listing<'a> {
    /// The table, whose primary key is the column `id`.
    pub(super) table: &'a str,
    /// The columns that follow `id` in a row. None of them holds bytes, which JSON cannot represent.
    pub(super) columns: &'a [&'a str],
    /// The condition for the rows of the list, or `None` for all rows. It uses `$4` and later values, and begins with
    /// the first column of an index that continues with `id`.
    pub(super) scope: Option<&'a str>,
}

/// The values of a scope, starting with `$4`.
pub(super) type Scope = Vec<sea_orm::Value>;

/// A list in any order, as SQL.
pub(super) struct Search<'a> {
    /// The text before the query: empty, or a `WITH` clause that defines the table.
    pub(super) with: String,
    /// The table, which has a column `id`.
    pub(super) table: &'a str,
    /// The columns that follow `id` in a row. None of them holds bytes, which JSON cannot represent.
    pub(super) columns: &'a [&'a str],
    /// The sort columns, unique together: the beginning of an index.
    pub(super) sort: &'a [&'a str],
    /// The conditions for all rows of the list.
    pub(super) scope: Vec<String>,
    /// The lower bound of the first sort column.
    pub(super) lowest: Option<String>,
    /// The upper bound of the first sort column.
    pub(super) highest: Option<String>,
    /// The placeholders of the position after which the page begins. It is not below `lowest`.
    pub(super) after: Option<String>,
    /// The placeholders of the position before which the page ends. It is not above `highest`.
    pub(super) before: Option<String>,
    /// Maximum number of rows to read: one more than the page has, to see whether the range continues.
    pub(super) limit: String,
}

#[derive(FromQueryResult)]
struct Answer {
    items: String,
    has_before: bool,
    has_after: bool,
}

/// Fetches the requested page of the list in one round trip. `id` returns the identifier of a row.
pub(super) async fn fetch<T: DeserializeOwned>(
    store: &Store,
    listing: &Listing<'_>,
    scope: Scope,
    request: PageRequest,
    id: impl Fn(&T) -> Uuid,
) -> Result<Page<T>, Error> {
    // No identifier has these values: RFC 9562 reserves both.
    let (after, before) = (request.after.unwrap_or(Uuid::nil()), request.before.unwrap_or(Uuid::max()));
    let mut values = vec![after.into(), before.into(), (i64::from(request.size) + 1).into()];
    values.extend(scope);
    let by_id = |one: &T, other: &T| id(one).cmp(&id(other));
    search(store, &by_key(listing), values, request.size, request.direction, by_id).await
}

fn by_key<'a>(listing: &Listing<'a>) -> Search<'a> {
    Search {
        with: String::new(),
        table: listing.table,
        columns: listing.columns,
        sort: &["id"],
        scope: listing.scope.map(str::to_owned).into_iter().collect(),
        lowest: None,
        highest: None,
        after: Some("$1".to_owned()),
        before: Some("$2".to_owned()),
        limit: "$3".to_owned(),
    }
}

/// Fetches the requested page of `search` with these `values` in one round trip. `compare` is the order of the list.
pub(super) async fn search<T: DeserializeOwned>(
    store: &Store,
    search: &Search<'_>,
    values: Vec<sea_orm::Value>,
    size: u32,
    direction: Direction,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Result<Page<T>, Error> {
    let statement = store.kind.statement(sql(store.kind, search, direction), values);
    let answer = Answer::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    let mut items: Vec<T> = serde_json::from_str(&answer.items).map_err(|_| Cause::unreadable())?;
    items.sort_unstable_by(compare);
    let beyond = take_surplus(&mut items, size as usize, direction);
    let (has_before, has_after) = match direction {
        Direction::Forward => (answer.has_before, answer.has_after || beyond.is_some()),
        Direction::Backward => (answer.has_before || beyond.is_some(), answer.has_after),
    };
    Ok(Page { items, has_previous: has_before, has_next: has_after, beyond })
}

/// Removes the surplus item at the far end, if there is one.
fn take_surplus<T>(items: &mut Vec<T>, size: usize, direction: Direction) -> Option<T> {
    let surplus = items.len() > size;
    match direction {
        _ if !surplus => None,
        Direction::Forward => items.pop(),
        Direction::Backward => Some(items.remove(0)),
    }
}

pub(super) fn sql(kind: DatabaseType, search: &Search<'_>, direction: Direction) -> String {
    let Search { with, table, columns, sort, limit, .. } = search;
    let id = kind.json_uuid("id");
    let row: Vec<&str> = std::iter::once(id.as_str()).chain(columns.iter().copied()).collect();
    let items = kind.json_list(&kind.json_row(&row));
    let columns = columns.join(", ");
    let order = match direction {
        Direction::Forward => ordered(sort, "ASC"),
        Direction::Backward => ordered(sort, "DESC"),
    };
    let places = sort.join(", ");
    let after = |sign: &str| search.after.as_ref().map(|at| format!("({places}) {sign} ({at})"));
    let before = |sign: &str| search.before.as_ref().map(|at| format!("({places}) {sign} ({at})"));
    let (lowest, highest) = (search.lowest.clone(), search.highest.clone());
    // A position is the tighter bound. With two bounds on one side, the database might start at the wrong one.
    let range = conditions(search, [after(">").or_else(|| lowest.clone()), before("<").or_else(|| highest.clone())]);
    // Not `EXISTS`: PostgreSQL removes its order and then scans the whole table, once it plans for any value. This
    // reads the nearest row, which in most cases is the one that the position was taken from.
    let exists = |bound: Option<String>, other, way| match bound {
        None => "FALSE".to_owned(),
        Some(bound) => {
            let range = conditions(search, [Some(bound), other]);
            format!("(SELECT id FROM {table}{range} ORDER BY {} LIMIT 1) IS NOT NULL", ordered(sort, way))
        }
    };
    let (has_before, has_after) = (exists(after("<="), lowest, "DESC"), exists(before(">="), highest, "ASC"));
    format!(
        "{with}SELECT (SELECT {items} FROM (SELECT id, {columns} FROM {table}{range} ORDER BY {order} LIMIT {limit}) AS page) \
         AS items, {has_before} AS has_before, {has_after} AS has_after"
    )
}

fn ordered(sort: &[&str], way: &str) -> String {
    sort.iter().map(|column| format!("{column} {way}")).collect::<Vec<_>>().join(", ")
}

/// The `WHERE` clause of the conditions of the list and these bounds.
fn conditions(search: &Search<'_>, bounds: [Option<String>; 2]) -> String {
    let all: Vec<_> = search.scope.iter().cloned().chain(bounds.into_iter().flatten()).collect();
    if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) }
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::Settings;

    const ACCOUNTS: Listing<'static> = Listing { table: "accounts", columns: &["username"], scope: None };

    /// SQLite's query plan, one line per step.
    async fn plan(direction: Direction) -> Vec<String> {
        let store = Store::connect(&Settings {
            location: crate::Location::Memory,
            pooling: crate::Pooling::Session,
            max_connections: 1,
            deadline: std::time::Duration::from_secs(5),
        })
        .await
        .unwrap();
        store.migrate().await.unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {}", sql(store.kind, &by_key(&ACCOUNTS), direction));
        let values = [Uuid::nil().into(), Uuid::max().into(), 20_i64.into()];
        let rows = store.reader.query_all_raw(store.kind.statement(sql, values)).await.unwrap();
        rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }

    #[tokio::test]
    async fn a_page_is_found_by_the_primary_key() {
        for direction in [Direction::Forward, Direction::Backward] {
            let plan = plan(direction).await;
            let reads: Vec<_> = plan.iter().filter(|step| step.contains("accounts")).collect();
            assert_eq!(reads.len(), 3, "{plan:#?}");
            assert!(reads.iter().all(|step| step.starts_with("SEARCH") && step.contains("(id")), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
        }
    }
}
