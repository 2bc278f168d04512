//! Security events for account owners: written in the transaction of the event, and read in pages.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Error, Store, Tx,
    entity::security_event,
    page::{self, Listing, Scope},
    time,
};
use crate::dialect::Dialect;
use fieldguard_domain::{
    id::{SecurityEventId, SessionId, UserId},
    overview::DatabaseType,
    page::{Page, PageRequest},
    security_event::{SecurityEvent, SecurityEventAction},
    session::Client,
};

/// Events are kept for half a year: long enough to investigate a breach, short enough to limit the stored IP addresses.
const KEPT_FOR: TimeDelta = TimeDelta::days(180);

/// Records an event of the user, and deletes the user's expired events.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn record(
    tx: &Tx,
    user: UserId,
    kind: SecurityEventAction,
    session: Option<SessionId>,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = security_event::ActiveModel {
        id: Set(SecurityEventId::new(now).uuid()),
        account_id: Set(user.uuid()),
        kind: Set(kind.as_str().to_owned()),
        occurred_at: Set(time::millis(now)),
        session_id: Set(session.map(|id| id.to_string())),
        ip_address: Set(client.ip_address.clone()),
        user_agent: Set(client.user_agent.clone()),
    };
    security_event::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    forget_old(tx, user, now).await
}

/// Records a failed sign-in before the password is verified, and deletes expired events. Returns the id for
/// [`withdraw`]. For an unknown user it records nothing in the same time, so that a sign-in does not reveal whether the
/// user exists.
///
/// # Errors
///
/// If the database fails.
pub async fn record_attempt(
    tx: &Tx,
    user: UserId,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<SecurityEventId, Error> {
    let id = SecurityEventId::new(now);
    // This waits for a concurrent deletion of the user, and then records nothing.
    let lock = match tx.kind() {
        DatabaseType::Sqlite => "",
        DatabaseType::Postgres => "FOR KEY SHARE",
    };
    let sql = format!(
        "INSERT INTO security_events (id, account_id, kind, occurred_at, ip_address, user_agent) \
         SELECT $1, $2, $3, $4, $5, $6 FROM accounts WHERE id = $2 {lock}"
    );
    let values = [
        id.uuid().into(),
        user.uuid().into(),
        SecurityEventAction::SignInFailed.as_str().into(),
        time::millis(now).into(),
        client.ip_address.clone().into(),
        client.user_agent.clone().into(),
    ];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    forget_old(tx, user, now).await?;
    Ok(id)
}

/// Deletes an event of a sign-in that did not fail.
///
/// # Errors
///
/// If the database fails.
pub async fn withdraw(tx: &Tx, event: SecurityEventId) -> Result<(), Error> {
    security_event::Entity::delete_by_id(event.uuid()).exec(tx.connection()).await?;
    Ok(())
}

async fn forget_old(tx: &Tx, user: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    security_event::Entity::delete_many()
        .filter(security_event::Column::AccountId.eq(user.uuid()))
        // Identifiers follow time, and the index is on them.
        .filter(security_event::Column::Id.lt(SecurityEventId::new(now - KEPT_FOR).uuid()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// The event with its user.
///
/// # Errors
///
/// If the database fails.
pub async fn find(store: &Store, id: SecurityEventId) -> Result<Option<(UserId, SecurityEvent)>, Error> {
    let row = security_event::Entity::find_by_id(id.uuid()).one(&store.reader).await?;
    Ok(row.and_then(|row| {
        let security_event::Model { id, account_id, kind, occurred_at, session_id, ip_address, user_agent } = row;
        let row = Row { id, kind, occurred_at, session_id, ip_address, user_agent };
        Some((account_id.into(), event(row)?))
    }))
}

const LISTING: Listing<'static> = Listing {
    table: "security_events",
    columns: &["kind", "occurred_at", "session_id", "ip_address", "user_agent"],
    scope: Some("account_id = $4"),
};

#[derive(Deserialize)]
struct Row {
    id: Uuid,
    kind: String,
    occurred_at: i64,
    session_id: Option<String>,
    ip_address: Option<String>,
    user_agent: Option<String>,
}

/// A page of the user's events, the newest first.
///
/// # Errors
///
/// If the database fails.
pub async fn list(store: &Store, user: UserId, request: PageRequest) -> Result<Page<SecurityEvent>, Error> {
    let scope: Scope = vec![user.uuid().into()];
    let page = page::fetch(store, &LISTING, scope, request.reversed(), |row: &Row| row.id).await?;
    let Page { items, has_previous, has_next, beyond } = page.reversed();
    // Skips a kind that a newer version wrote.
    let items = items.into_iter().filter_map(event).collect();
    Ok(Page { items, has_previous, has_next, beyond: beyond.and_then(event) })
}

fn event(row: Row) -> Option<SecurityEvent> {
    Some(SecurityEvent {
        id: row.id.into(),
        kind: SecurityEventAction::from_stored(&row.kind)?,
        occurred_at: time::from_millis(row.occurred_at),
        session: row.session_id.as_deref().and_then(SessionId::parse),
        client: Client { ip_address: row.ip_address, user_agent: row.user_agent, ..Client::default() },
    })
}
