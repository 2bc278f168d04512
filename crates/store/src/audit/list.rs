//! Reads audit events.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{
    head,
    row::{COLUMNS, Row},
};
use crate::dialect::Dialect;
use crate::{
    Error, Store,
    dialect::Values,
    page::{self, Search},
    time,
};
use fieldguard_domain::{
    audit::{Event, Filter},
    id::{AuditEventId, UserId, first_id_at},
    page::{Page, PageRequest},
};

/// The event, if it exists.
///
/// # Errors
///
/// If the database fails.
pub async fn find(store: &Store, id: AuditEventId) -> Result<Option<Event>, Error> {
    let sql = format!("SELECT {} FROM audit_events WHERE id = $1", COLUMNS.join(", "));
    let row = store.reader.query_one_raw(store.kind.statement(sql, [id.uuid().into()])).await?;
    Ok(row.and_then(|row| Row::read(&row).ok()).and_then(Row::event))
}

/// The newest `count` events with a sequence number greater than `after`, the oldest of them first.
///
/// # Errors
///
/// If the database fails.
pub async fn tail(store: &Store, count: u32, after: i64) -> Result<Vec<Event>, Error> {
    let columns = COLUMNS.join(", ");
    let sql = format!("SELECT {columns} FROM audit_events WHERE sequence > $1 ORDER BY sequence DESC LIMIT $2");
    let statement = store.kind.statement(sql, [after.into(), i64::from(count).into()]);
    let rows = store.reader.query_all_raw(statement).await?;
    Ok(rows.iter().rev().filter_map(|row| Row::read(row).ok()).filter_map(Row::event).collect())
}

/// A page of the events that match the filter, the newest first.
///
/// # Errors
///
/// If the database fails.
pub async fn list(store: &Store, filter: &Filter, request: PageRequest) -> Result<Page<Event>, Error> {
    // PostgreSQL refuses such text, and no event contains it.
    if [&filter.actor, &filter.target, &filter.request_id].into_iter().flatten().any(|text| text.contains('\0')) {
        return Ok(Page::empty());
    }
    let mut values = Values::default();
    let range = Range::of(store, filter).await?;
    let request = request.reversed();
    let search = Search {
        with: String::new(),
        table: "audit_events",
        columns: &COLUMNS[1..],
        sort: &["id"],
        scope: scope(filter, &mut values),
        lowest: range.lowest.map(|id| format!("id >= {}", values.add(id))),
        highest: range.end.map(|id| format!("id < {}", values.add(id))),
        after: range.after(request.after).map(|id| values.add(id)),
        before: range.before(request.before).map(|id| values.add(id)),
        limit: (u64::from(request.size) + 1).to_string(),
    };
    let by_id = |one: &Row, other: &Row| one.id.cmp(&other.id);
    let page = page::search(store, &search, values.into_vec(), request.size, request.direction, by_id).await?;
    let Page { items, has_previous, has_next, beyond } = page.reversed();
    // Skips an event of a newer version that this version cannot interpret.
    let items = items.into_iter().filter_map(Row::event).collect();
    Ok(Page { items, has_previous, has_next, beyond: beyond.and_then(Row::event) })
}

/// The range of identifiers that events in the filter's time range can have, for a lookup by key. The time in an
/// identifier is the event's time or later, because identifiers only grow; the head of the audit log knows the maximum
/// difference.
struct Range {
    lowest: Option<Uuid>,
    end: Option<Uuid>,
}

impl Range {
    async fn of(store: &Store, filter: &Filter) -> Result<Self, Error> {
        let lead = match filter.until {
            Some(_) => head::read(store).await?.lead,
            None => 0,
        };
        let first_at = |time: DateTime<Utc>, lead: i64| first_id_at(time::millis(time).saturating_add(lead));
        let lowest = filter.since.map(|since| first_at(since, 0));
        Ok(Self { lowest, end: filter.until.map(|until| first_at(until, lead)) })
    }

    /// The position after which the page begins, if it is inside the range. A position beyond the end moves to the end,
    /// so that the rows between are not scanned.
    fn after(&self, place: Option<Uuid>) -> Option<Uuid> {
        let place = place.filter(|id| self.lowest.is_none_or(|lowest| *id >= lowest))?;
        Some(self.end.map_or(place, |end| place.min(before(end))))
    }

    /// The position before which the page ends, likewise.
    fn before(&self, place: Option<Uuid>) -> Option<Uuid> {
        let place = place.filter(|id| self.end.is_none_or(|end| *id < end))?;
        Some(self.lowest.map_or(place, |lowest| place.max(lowest)))
    }
}

/// The greatest identifier less than `id`.
fn before(id: Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128().saturating_sub(1))
}

/// The SQL conditions of `filter`.
fn scope(filter: &Filter, values: &mut Values) -> Vec<String> {
    let mut all = Vec::new();
    let mut and = |condition: &str, value: Value| all.push(condition.replace('?', &values.add(value)));
    if let Some(actor) = &filter.actor {
        and("actor_id = ?", actor.as_str().into());
    }
    if let Some(action) = filter.action {
        and("action = ?", action.as_str().into());
    }
    if let Some(since) = filter.since {
        and("occurred_at >= ?", time::millis(since).into());
    }
    if let Some(until) = filter.until {
        and("occurred_at < ?", time::millis(until).into());
    }
    if let Some(request) = &filter.request_id {
        and("request_id = ?", request.as_str().into());
    }
    all.extend(filter.target.as_ref().map(|target| on_target(target, values)));
    all
}

/// The condition for events on the target. If it is a user, reads of their personal data match too.
fn on_target(target: &str, values: &mut Values) -> String {
    let own = format!("SELECT id FROM audit_events WHERE target_id = {}", values.add(target));
    match UserId::parse(target) {
        None => format!("id IN ({own})"),
        Some(user) => format!(
            "id IN ({own} UNION ALL SELECT id FROM audit_events WHERE subject_set IN \
             (SELECT set_id FROM audit_subjects WHERE account_id = {}))",
            values.add(user.uuid())
        ),
    }
}
