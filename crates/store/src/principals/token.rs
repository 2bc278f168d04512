//! Who a personal access token acts for.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::{MAY_ACT, names, principal, rights};
use crate::dialect::Dialect;
use crate::{Error, Reader, Store, time};
use fieldguard_domain::{id::AccessTokenId, principal::Principal};

#[derive(FromQueryResult)]
struct Answer {
    rights: String,
    account_id: Uuid,
    granted: String,
    expires_at: i64,
    last_used_at: Option<i64>,
}

/// Who a personal access token acts for, and what is known of it.
#[derive(Debug, Clone)]
pub struct FoundByToken {
    /// The account, with the rights the token has left.
    pub principal: Principal,
    /// When the token ends.
    pub expires_at: DateTime<Utc>,
    /// When its last use was noted.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The account of a personal access token, in one round trip. Nothing where there is no such token, it has expired at `now`,
/// or its account is disabled.
///
/// # Errors
///
/// Where the database fails.
pub async fn find_by_token(
    store: &Store,
    id: AccessTokenId,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<FoundByToken>, Error> {
    find(store, id, Some(token_hash), now).await
}

/// The same; without a hash, where it was proved before that the token is the caller's.
pub(super) async fn find(
    reader: &impl Reader,
    id: AccessTokenId,
    token_hash: Option<&[u8; 32]>,
    now: DateTime<Utc>,
) -> Result<Option<FoundByToken>, Error> {
    let proof = if token_hash.is_some() { "AND t.token_hash = $3" } else { "" };
    let sql = format!(
        "SELECT {} AS rights, t.account_id, t.permissions AS granted, t.expires_at, t.last_used_at \
         FROM access_tokens t JOIN accounts a ON a.id = t.account_id \
         WHERE t.id = $1 AND t.expires_at > $2 {proof} AND {MAY_ACT}",
        rights(reader.kind(), "t.account_id"),
    );
    let mut values: Vec<Value> = vec![id.uuid().into(), time::millis(now).into()];
    values.extend(token_hash.map(|it| it.to_vec().into()));
    let statement = reader.kind().statement(sql, values);
    let Some(answer) = Answer::find_by_statement(statement).one(reader.connection()).await? else { return Ok(None) };
    // The session is nobody's: what follows takes it away again.
    let account = principal(answer.account_id.into(), Uuid::nil().into(), &answer.rights)?;
    Ok(Some(FoundByToken {
        principal: account.by_token(id, names(&answer.granted)?),
        expires_at: time::from_millis(answer.expires_at),
        last_used_at: answer.last_used_at.map(time::from_millis),
    }))
}
