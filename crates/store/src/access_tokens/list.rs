//! Reads personal access tokens: one, a page of a user's, and their number. An expired token is listed for another
//! month, so that its owner sees why a script stopped working.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Error, Reader, Store,
    entity::access_token,
    page::{self, Listing},
    time,
};
use fieldguard_domain::{
    access_token::AccessToken,
    id::{AccessTokenId, UserId},
    page::{Page, PageRequest},
};

/// How long a token is listed after its expiry.
pub(super) const LISTED_FOR: TimeDelta = TimeDelta::days(30);

/// The number of the user's tokens that have not expired.
///
/// # Errors
///
/// If the database fails.
pub async fn live_of(reader: &impl Reader, user: UserId, now: DateTime<Utc>) -> Result<u64, Error> {
    let tokens = access_token::Entity::find().filter(access_token::Column::AccountId.eq(user.uuid()));
    let live = tokens.filter(access_token::Column::ExpiresAt.gt(time::millis(now)));
    Ok(live.count(reader.connection()).await?)
}

/// The token, if it is still listed.
///
/// # Errors
///
/// If the database fails.
pub async fn find(reader: &impl Reader, id: AccessTokenId, now: DateTime<Utc>) -> Result<Option<AccessToken>, Error> {
    let token = access_token::Entity::find_by_id(id.uuid());
    let listed = token.filter(access_token::Column::ExpiresAt.gt(time::millis(now - LISTED_FOR)));
    Ok(listed.one(reader.connection()).await?.map(AccessToken::from))
}

const LISTING: Listing = Listing {
    table: "access_tokens",
    columns: &["name", "permissions", "created_at", "expires_at", "last_used_at", "last_used_address"],
    scope: Some("account_id = $4 AND expires_at > $5"),
};

#[derive(Deserialize)]
struct Row {
    id: Uuid,
    name: String,
    permissions: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
    last_used_address: Option<String>,
}

/// A page of the user's tokens, the newest first.
///
/// # Errors
///
/// If the database fails.
pub async fn list(
    store: &Store,
    user: UserId,
    request: PageRequest,
    now: DateTime<Utc>,
) -> Result<Page<AccessToken>, Error> {
    let scope = vec![user.uuid().into(), time::millis(now - LISTED_FOR).into()];
    let page = page::fetch(store, &LISTING, scope, request.reversed(), |row: &Row| row.id).await?;
    Ok(page.reversed().map(|row| AccessToken {
        id: row.id.into(),
        user,
        name: row.name,
        permissions: serde_json::from_str(&row.permissions).unwrap_or_default(),
        created_at: time::from_millis(row.created_at),
        expires_at: time::from_millis(row.expires_at),
        last_used_at: row.last_used_at.map(time::from_millis),
        last_used_address: row.last_used_address,
    }))
}
