//! Rows of the trail, for those who may read it.

use sea_orm::{ConnectionTrait, Value};

use super::row::{COLUMNS, Row};
use crate::{
    domain::{
        audit::{Event, Filter},
        id::{AuditEventId, UserId},
        page::{Page, PageRequest},
    },
    store::{
        Error, Store,
        page::{self, Listing, Scope},
        time,
    },
};

/// The row, where there is one.
///
/// # Errors
///
/// Where the database fails.
pub async fn find(store: &Store, id: AuditEventId) -> Result<Option<Event>, Error> {
    let sql = format!("SELECT {} FROM audit_events WHERE id = $1", COLUMNS.join(", "));
    let row = store.reader.query_one_raw(store.kind.statement(sql, [id.uuid().into()])).await?;
    Ok(row.and_then(|row| Row::read(&row).ok()).and_then(Row::event))
}

/// The newest rows, at most `count`, those with a number greater than `after` only; the oldest of them first.
///
/// # Errors
///
/// Where the database fails.
pub async fn tail(store: &Store, count: u32, after: i64) -> Result<Vec<Event>, Error> {
    let columns = COLUMNS.join(", ");
    let sql = format!("SELECT {columns} FROM audit_events WHERE sequence > $1 ORDER BY sequence DESC LIMIT $2");
    let statement = store.kind.statement(sql, [after.into(), i64::from(count).into()]);
    let rows = store.reader.query_all_raw(statement).await?;
    Ok(rows.iter().rev().filter_map(|row| Row::read(row).ok()).filter_map(Row::event).collect())
}

/// The part of the rows that meet the filter which is asked for, the newest first.
///
/// # Errors
///
/// Where the database fails.
pub async fn list(store: &Store, filter: &Filter, request: PageRequest) -> Result<Page<Event>, Error> {
    // PostgreSQL takes no such text, and no row has one.
    if [&filter.actor, &filter.target, &filter.request_id].into_iter().flatten().any(|it| it.contains('\0')) {
        return Ok(Page::empty());
    }
    let (scope, values) = scope(filter);
    let columns = &COLUMNS[1..];
    let listing = Listing { table: "audit_events", columns, scope: (!scope.is_empty()).then_some(scope.as_str()) };
    let page = page::fetch(store, &listing, values, request.reversed(), |row: &Row| row.id).await?;
    let Page { items, has_previous, has_next } = page.reversed();
    // What a newer version wrote in its words is left out, rather than shown as something else.
    Ok(Page { items: items.into_iter().filter_map(Row::event).collect(), has_previous, has_next })
}

/// The condition that `filter` makes, on `$4` and those after it.
fn scope(filter: &Filter) -> (String, Scope) {
    let mut scope = Builder::default();
    if let Some(actor) = &filter.actor {
        scope.and("actor_id = ?", actor.as_str());
    }
    if let Some(target) = &filter.target {
        scope.and("id IN (SELECT id FROM audit_events WHERE target_id = ?", target.as_str());
        if let Some(user) = UserId::parse(target) {
            scope.more(
                " UNION ALL SELECT id FROM audit_events WHERE subject_set IN \
                 (SELECT set_id FROM audit_subjects WHERE account_id = ?)",
                user.uuid(),
            );
        }
        scope.text.push(')');
    }
    if let Some(action) = filter.action {
        scope.and("action = ?", action.as_str());
    }
    if let Some(since) = filter.since {
        scope.and("occurred_at >= ?", time::millis(since));
    }
    if let Some(until) = filter.until {
        scope.and("occurred_at < ?", time::millis(until));
    }
    if let Some(request) = &filter.request_id {
        scope.and("request_id = ?", request.as_str());
    }
    (scope.text, scope.values)
}

#[derive(Default)]
struct Builder {
    text: String,
    values: Vec<Value>,
}

impl Builder {
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        if !self.text.is_empty() {
            self.text.push_str(" AND ");
        }
        self.more(condition, value);
    }

    /// Adds a text of this program with one question mark, which stands for the value.
    fn more(&mut self, text: &str, value: impl Into<Value>) {
        self.text.push_str(&text.replace('?', &format!("${}", self.values.len() + 4)));
        self.values.push(value.into());
    }
}
