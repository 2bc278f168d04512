//! Reads active sessions: one, a page of a user's, and their number.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Error, Reader, Store,
    entity::session,
    page::{self, Listing},
    time,
};
use fieldguard_domain::{
    authentication::Methods,
    id::{SessionId, UserId},
    page::{Page, PageRequest},
    session::Session,
};

pub(super) fn is_live(now: DateTime<Utc>) -> Condition {
    let now = time::millis(now);
    Condition::all()
        .add(session::Column::EndedAt.is_null())
        .add(session::Column::IdleExpiresAt.gt(now))
        .add(session::Column::ExpiresAt.gt(now))
}

/// The number of active sessions: neither revoked nor expired.
///
/// # Errors
///
/// If the database fails.
pub async fn live(store: &Store, now: DateTime<Utc>) -> Result<u64, Error> {
    Ok(session::Entity::find().filter(is_live(now)).count(&store.reader).await?)
}

/// The number of active sessions of the user.
///
/// # Errors
///
/// If the database fails.
pub async fn live_of(reader: &impl Reader, user: UserId, now: DateTime<Utc>) -> Result<u64, Error> {
    let sessions = session::Entity::find().filter(session::Column::AccountId.eq(user.uuid()));
    Ok(sessions.filter(is_live(now)).count(reader.connection()).await?)
}

/// The session, if it is active.
///
/// # Errors
///
/// If the database fails.
pub async fn find(reader: &impl Reader, id: SessionId, now: DateTime<Utc>) -> Result<Option<Session>, Error> {
    let session = session::Entity::find_by_id(id.uuid()).filter(is_live(now));
    Ok(session.one(reader.connection()).await?.map(Session::from))
}

const LISTING: Listing<'static> = Listing {
    table: "sessions",
    columns: &["created_at", "authenticated_at", "last_used_at", "expires_at", "ip_address", "user_agent", "methods"],
    scope: Some("account_id = $4 AND ended_at IS NULL AND idle_expires_at > $5 AND expires_at > $5"),
};

#[derive(Deserialize)]
struct Row {
    id: Uuid,
    created_at: i64,
    authenticated_at: i64,
    last_used_at: i64,
    expires_at: i64,
    ip_address: Option<String>,
    user_agent: Option<String>,
    methods: String,
}

/// A page of the user's active sessions, the newest first.
///
/// # Errors
///
/// If the database fails.
pub async fn list(
    store: &Store,
    user: UserId,
    request: PageRequest,
    now: DateTime<Utc>,
) -> Result<Page<Session>, Error> {
    let scope = vec![user.uuid().into(), time::millis(now).into()];
    let page = page::fetch(store, &LISTING, scope, request.reversed(), |row: &Row| row.id).await?;
    Ok(page.reversed().map(|row| Session {
        id: row.id.into(),
        user,
        methods: Methods::from_stored(&row.methods),
        created_at: time::from_millis(row.created_at),
        authenticated_at: time::from_millis(row.authenticated_at),
        last_used_at: time::from_millis(row.last_used_at),
        expires_at: time::from_millis(row.expires_at),
        ip_address: row.ip_address,
        user_agent: row.user_agent,
    }))
}
