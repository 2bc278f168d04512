//! The principal of a personal access token.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::{MAY_ACT, names, principal, rights};
use crate::dialect::Dialect;
use crate::{Error, Reader, Store, time};
use fieldguard_domain::{id::PersonalAccessTokenId, principal::Principal};

#[derive(FromQueryResult)]
struct Answer {
    rights: String,
    account_id: Uuid,
    granted: String,
    expires_at: i64,
    last_used_at: Option<i64>,
}

/// The principal of a personal access token, with the token's times.
#[derive(Debug, Clone)]
pub struct FoundByToken {
    /// The user, with the permissions that the token still has.
    pub principal: Principal,
    /// The time of expiry.
    pub expires_at: DateTime<Utc>,
    /// The recorded time of the last use.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Finds the user of a personal access token, in one round trip. `None` if the token does not exist or has expired at
/// `now`, or if the account is disabled.
///
/// # Errors
///
/// If the database fails.
pub async fn find_by_token(
    store: &Store,
    id: PersonalAccessTokenId,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<FoundByToken>, Error> {
    find(store, id, Some(token_hash), now).await
}

/// Like [`find_by_token`]. The hash is `None` if the caller already proved to have the token.
pub(super) async fn find(
    reader: &impl Reader,
    id: PersonalAccessTokenId,
    token_hash: Option<&[u8; 32]>,
    now: DateTime<Utc>,
) -> Result<Option<FoundByToken>, Error> {
    let proof = if token_hash.is_some() { "AND t.token_hash = $3" } else { "" };
    let sql = format!(
        "SELECT {} AS rights, t.account_id, t.permissions AS granted, t.expires_at, t.last_used_at \
         FROM personal_access_tokens t JOIN accounts a ON a.id = t.account_id \
         WHERE t.id = $1 AND t.expires_at > $2 {proof} AND {MAY_ACT}",
        rights(reader.kind(), "t.account_id"),
    );
    let mut values: Vec<Value> = vec![id.uuid().into(), time::millis(now).into()];
    values.extend(token_hash.map(|hash| hash.to_vec().into()));
    let statement = reader.kind().statement(sql, values);
    let Some(answer) = Answer::find_by_statement(statement).one(reader.connection()).await? else { return Ok(None) };
    // A placeholder session, which `by_token` removes.
    let account = principal(answer.account_id.into(), Uuid::nil().into(), &answer.rights)?;
    Ok(Some(FoundByToken {
        principal: account.by_token(id, names(&answer.granted)?),
        expires_at: time::from_millis(answer.expires_at),
        last_used_at: answer.last_used_at.map(time::from_millis),
    }))
}
