//! Pages of a table, in the order of its primary key: found by the key, so that the last page costs what the first does, and
//! fetched as one row of JSON, since SQLite's driver hands every row from one thread to another.
//!
//! Only tables whose key is an identifier of [`crate::domain::id`] can be paged.

use sea_orm::FromQueryResult;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Cause, Error, Store};
use crate::domain::overview::DatabaseKind;
use crate::domain::page::{Direction, Page, PageRequest};

/// What a page is made of.
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
    // One more than asked for tells whether the range goes on.
    let mut values = vec![after.into(), before.into(), (i64::from(request.size) + 1).into()];
    values.extend(scope);
    let statement = store.kind.statement(sql(store.kind, listing, request.direction), values);
    let answer = Answer::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    let mut items: Vec<T> = serde_json::from_str(&answer.items).map_err(|_| Cause::unreadable())?;
    items.sort_unstable_by_key(&id);
    let goes_on = cut(&mut items, request);
    Ok(match request.direction {
        Direction::Forward => Page { items, has_previous: answer.has_before, has_next: goes_on || answer.has_after },
        Direction::Backward => Page { items, has_previous: goes_on || answer.has_before, has_next: answer.has_after },
    })
}

/// Takes the surplus item off the far end, and tells whether there was one.
fn cut<T>(items: &mut Vec<T>, request: PageRequest) -> bool {
    let size = request.size as usize;
    if items.len() <= size {
        return false;
    }
    match request.direction {
        Direction::Forward => items.truncate(size),
        Direction::Backward => drop(items.drain(..items.len() - size)),
    }
    true
}

fn sql(kind: DatabaseKind, listing: &Listing<'_>, direction: Direction) -> String {
    let Listing { table, columns, scope } = listing;
    let order = match direction {
        Direction::Forward => "ASC",
        Direction::Backward => "DESC",
    };
    let id = kind.json_uuid("id");
    let row: Vec<&str> = std::iter::once(id.as_str()).chain(columns.iter().copied()).collect();
    let items = kind.json_list(&kind.json_row(&row));
    let columns = columns.join(", ");
    let scope = scope.map(|it| format!("{it} AND ")).unwrap_or_default();
    // Not `EXISTS`, which PostgreSQL strips of its order and then answers by a scan of the whole table, once it plans for
    // any value of $1 and $2.
    format!(
        "SELECT (SELECT {items} FROM (SELECT id, {columns} FROM {table} WHERE {scope}id > $1 AND id < $2 \
         ORDER BY id {order} LIMIT $3) AS page) AS items, \
         (SELECT id FROM {table} WHERE {scope}id <= $1 ORDER BY id LIMIT 1) IS NOT NULL AS has_before, \
         (SELECT id FROM {table} WHERE {scope}id >= $2 ORDER BY id LIMIT 1) IS NOT NULL AS has_after"
    )
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::store::Settings;

    const ACCOUNTS: Listing<'static> = Listing { table: "accounts", columns: &["username"], scope: None };

    /// How SQLite means to answer, a line a step.
    async fn plan(direction: Direction) -> Vec<String> {
        let store = Store::connect(&Settings {
            url: "sqlite::memory:".to_owned(),
            max_connections: 1,
            statement_timeout: std::time::Duration::from_secs(1),
        })
        .await
        .unwrap();
        store.migrate().await.unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {}", sql(store.kind, &ACCOUNTS, direction));
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
