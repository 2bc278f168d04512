//! Pages of a table: found by what the list is ordered by, in most lists the primary key, so that the last page costs what the
//! first does, and fetched as one row of JSON, since SQLite's driver hands every row from one thread to another.
//!
//! Only tables whose key is an identifier of [`fieldguard_domain::id`] can be paged.

use std::cmp::Ordering;

use sea_orm::FromQueryResult;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Cause, Error, Store};
use crate::dialect::Dialect;
use fieldguard_domain::overview::DatabaseKind;
use fieldguard_domain::page::{Direction, Page, PageRequest};

/// What a page in the order of the primary key is made of.
pub(super) struct Listing<'a> {
    /// The table, whose primary key is the column `id`.
    pub(super) table: &'a str,
    /// The columns that follow `id` in a row. None of them holds bytes, which JSON has no form for.
    pub(super) columns: &'a [&'a str],
    /// Which rows the list is made of, where it is not all of them: a condition on `$4` and those after it, which begins with
    /// the column of an index that goes on with `id`.
    pub(super) scope: Option<&'a str>,
}

/// The values of a scope, `$4` first.
pub(super) type Scope = Vec<sea_orm::Value>;

/// What a page in any order is made of, in SQL.
pub(super) struct Search<'a> {
    /// What stands before the query: nothing, or the table in a `WITH`.
    pub(super) with: String,
    /// The table, which has a column `id`.
    pub(super) table: &'a str,
    /// The columns that follow `id` in a row. None of them holds bytes, which JSON has no form for.
    pub(super) columns: &'a [&'a str],
    /// What the list is ordered by, together unique: the beginning of an index.
    pub(super) sort: &'a [&'a str],
    /// What holds for all rows of the list.
    pub(super) scope: Vec<String>,
    /// What holds for the first thing it is ordered by, from below.
    pub(super) lowest: Option<String>,
    /// The same, from above.
    pub(super) highest: Option<String>,
    /// The placeholders of the position after which the page begins. It is not below `lowest`.
    pub(super) after: Option<String>,
    /// The placeholders of the position before which it ends. It is not above `highest`.
    pub(super) before: Option<String>,
    /// How many rows are read at most: one more than the page has, which tells whether the range goes on.
    pub(super) limit: String,
}

#[derive(FromQueryResult)]
struct Answer {
    items: String,
    has_before: bool,
    has_after: bool,
}

/// The part of the listing that is asked for; `id` tells a row's identifier. One round trip.
pub(super) async fn fetch<T: DeserializeOwned>(
    store: &Store,
    listing: &Listing<'_>,
    scope: Scope,
    request: PageRequest,
    id: impl Fn(&T) -> Uuid,
) -> Result<Page<T>, Error> {
    // No identifier reaches these bounds: both are reserved by RFC 9562.
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

/// The part of a list that `search` describes with these `values`; `compare` tells the list's order. One round trip.
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
    let beyond = cut(&mut items, size as usize, direction);
    let (has_before, has_after) = match direction {
        Direction::Forward => (answer.has_before, answer.has_after || beyond.is_some()),
        Direction::Backward => (answer.has_before || beyond.is_some(), answer.has_after),
    };
    Ok(Page { items, has_previous: has_before, has_next: has_after, beyond })
}

/// Takes the surplus item off the far end, where there is one.
fn cut<T>(items: &mut Vec<T>, size: usize, direction: Direction) -> Option<T> {
    let surplus = items.len() > size;
    match direction {
        _ if !surplus => None,
        Direction::Forward => items.pop(),
        Direction::Backward => Some(items.remove(0)),
    }
}

pub(super) fn sql(kind: DatabaseKind, search: &Search<'_>, direction: Direction) -> String {
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
    // A position is the tighter bound: two on one side of an index would leave it to the database which one it begins with.
    let range = conditions(search, [after(">").or_else(|| lowest.clone()), before("<").or_else(|| highest.clone())]);
    // Not `EXISTS`, which PostgreSQL strips of its order and then answers by a scan of the whole table, once it plans for
    // any value. The nearest row is asked for: in most cases it is the one that the position was taken from.
    let is_there = |bound: Option<String>, other, way| match bound {
        None => "FALSE".to_owned(),
        Some(bound) => {
            let range = conditions(search, [Some(bound), other]);
            format!("(SELECT id FROM {table}{range} ORDER BY {} LIMIT 1) IS NOT NULL", ordered(sort, way))
        }
    };
    let (has_before, has_after) = (is_there(after("<="), lowest, "DESC"), is_there(before(">="), highest, "ASC"));
    format!(
        "{with}SELECT (SELECT {items} FROM (SELECT id, {columns} FROM {table}{range} ORDER BY {order} LIMIT {limit}) AS page) \
         AS items, {has_before} AS has_before, {has_after} AS has_after"
    )
}

fn ordered(sort: &[&str], way: &str) -> String {
    sort.iter().map(|it| format!("{it} {way}")).collect::<Vec<_>>().join(", ")
}

/// The `WHERE` of the list's own conditions and these.
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

    /// How SQLite means to answer, a line a step.
    async fn plan(direction: Direction) -> Vec<String> {
        let store = Store::connect(&Settings {
            location: crate::Location::Memory,
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
    async fn is_found_by_the_key() {
        for direction in [Direction::Forward, Direction::Backward] {
            let plan = plan(direction).await;
            let reads: Vec<_> = plan.iter().filter(|step| step.contains("accounts")).collect();
            assert_eq!(reads.len(), 3, "{plan:#?}");
            assert!(reads.iter().all(|step| step.starts_with("SEARCH") && step.contains("(id")), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
        }
    }
}
