//! Reads events: one, a page, and the numbers of those that wait or failed.

use sea_orm::ConnectionTrait;

use super::{
    indexed_by,
    row::{COLUMNS, Row},
};
use crate::dialect::Dialect;
use crate::page::{self, Listing, Scope};
use crate::{Cause, Error, Store, time};
use fieldguard_domain::{
    id::WebhookEventId,
    page::{Page, PageRequest},
    webhook_event::{StoredWebhookEvent, WebhookBacklog, WebhookState},
};

/// The event with this id.
///
/// # Errors
///
/// If the database fails.
pub async fn find(store: &Store, id: WebhookEventId) -> Result<Option<StoredWebhookEvent>, Error> {
    let sql = format!("SELECT id, {} FROM webhook_events WHERE id = $1", COLUMNS.join(", "));
    let row = store.reader.query_one_raw(store.kind.statement(sql, [id.uuid().into()])).await?;
    let row = row.map(|row| Row::read(&row)).transpose().map_err(sea_orm::DbErr::from)?;
    Ok(row.and_then(Row::stored))
}

/// A page of the events in this state, or in any state, the newest first.
///
/// # Errors
///
/// If the database fails.
pub async fn list(
    store: &Store,
    state: Option<WebhookState>,
    request: PageRequest,
) -> Result<Page<StoredWebhookEvent>, Error> {
    let listing = Listing { table: "webhook_events", columns: &COLUMNS, scope: state.map(|_| "state = $4") };
    let scope: Scope = state.map(|state| state.as_str().into()).into_iter().collect();
    let page = page::fetch(store, &listing, scope, request.reversed(), |row: &Row| row.id).await?;
    let Page { items, has_previous, has_next, beyond } = page.reversed();
    // Skips a type that a newer version wrote.
    let items = items.into_iter().filter_map(Row::stored).collect();
    Ok(Page { items, has_previous, has_next, beyond: beyond.and_then(Row::stored) })
}

/// The numbers of events that wait or failed.
///
/// # Errors
///
/// If the database fails.
pub async fn backlog(store: &Store) -> Result<WebhookBacklog, Error> {
    let index = indexed_by(store.kind, "webhook_events_waiting");
    let sql = format!(
        "SELECT (SELECT count(*) FROM webhook_events {index} WHERE state = 'pending') AS pending, \
         (SELECT count(*) FROM webhook_events WHERE state = 'dead') AS dead, \
         (SELECT min(queued_at) FROM webhook_events {index} WHERE state = 'pending') AS oldest"
    );
    let row = store.reader.query_one_raw(store.kind.statement(sql, [])).await?.ok_or_else(Cause::unreadable)?;
    let count = |column| row.try_get::<i64>("", column).map(i64::cast_unsigned);
    Ok(WebhookBacklog {
        pending: count("pending")?,
        dead: count("dead")?,
        oldest_pending: row.try_get::<Option<i64>>("", "oldest")?.map(time::from_millis),
    })
}
