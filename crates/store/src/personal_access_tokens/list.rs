//! Reads personal access tokens: one, a page of a user's, and their number. An expired token is listed for another
//! month, so that its owner sees why a script stopped working.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Error, Reader, Store,
    entity::personal_access_token,
    page::{self, Listing},
    time,
};
use fieldguard_domain::{
    id::{PersonalAccessTokenId, UserId},
    page::{Page, PageRequest},
    personal_access_token::PersonalAccessToken,
};

/// How long a token is listed after its expiry.
pub(super) const LISTED_FOR: TimeDelta = TimeDelta::days(30);

/// The number of the user's tokens that have not expired.
///
/// # Errors
///
/// If the database fails.
pub async fn live_of(reader: &impl Reader, user: UserId, now: DateTime<Utc>) -> Result<u64, Error> {
    let tokens = personal_access_token::Entity::find().filter(personal_access_token::Column::AccountId.eq(user.uuid()));
    let live = tokens.filter(personal_access_token::Column::ExpiresAt.gt(time::millis(now)));
    Ok(live.count(reader.connection()).await?)
}

/// The token, if it is still listed.
///
/// # Errors
///
/// If the database fails.
pub async fn find(
    reader: &impl Reader,
    id: PersonalAccessTokenId,
    now: DateTime<Utc>,
) -> Result<Option<PersonalAccessToken>, Error> {
    let token = personal_access_token::Entity::find_by_id(id.uuid());
    let listed = token.filter(personal_access_token::Column::ExpiresAt.gt(time::millis(now - LISTED_FOR)));
    Ok(listed.one(reader.connection()).await?.map(PersonalAccessToken::from))
}

const LISTING: Listing = Listing {
    table: "personal_access_tokens",
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
) -> Result<Page<PersonalAccessToken>, Error> {
    let scope = vec![user.uuid().into(), time::millis(now - LISTED_FOR).into()];
    let page = page::fetch(store, &LISTING, scope, request.reversed(), |row: &Row| row.id).await?;
    Ok(page.reversed().map(|row| PersonalAccessToken {
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
