//! Creates, uses and revokes personal access tokens.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::dialect::Dialect;
use crate::{
    Error, Store, Tx,
    entity::{hidden::HiddenBytes, personal_access_token},
    time,
};
use fieldguard_domain::{
    id::{PersonalAccessTokenId, UserId},
    personal_access_token::{MOST, PersonalAccessToken},
};

/// Adds a token with the SHA-256 of its secret.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn insert(tx: &Tx, token: &PersonalAccessToken, token_hash: &[u8; 32]) -> Result<(), Error> {
    let row = personal_access_token::ActiveModel {
        id: Set(token.id.uuid()),
        account_id: Set(token.user.uuid()),
        token_hash: Set(HiddenBytes(token_hash.to_vec())),
        name: Set(token.name.clone()),
        permissions: Set(token.permissions.iter().cloned().collect::<serde_json::Value>().to_string()),
        created_at: Set(time::millis(token.created_at)),
        expires_at: Set(time::millis(token.expires_at)),
        last_used_at: Set(token.last_used_at.map(time::millis)),
        last_used_address: Set(token.last_used_address.clone()),
    };
    personal_access_token::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Records the time and address of a use of the token, unless a use within `pause` of `now` is already recorded. It is
/// not part of a transaction: the token was used whether the request succeeds or not.
///
/// # Errors
///
/// If the database fails.
pub async fn note_use(
    store: &Store,
    id: PersonalAccessTokenId,
    address: Option<&str>,
    pause: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let last = personal_access_token::Column::LastUsedAt;
    personal_access_token::Entity::update_many()
        .col_expr(last, Expr::value(time::millis(now)))
        .col_expr(personal_access_token::Column::LastUsedAddress, Expr::value(address.map(str::to_owned)))
        .filter(personal_access_token::Column::Id.eq(id.uuid()))
        .filter(
            Condition::any()
                .add(last.is_null())
                .add(last.lte(time::millis(now - pause)))
                .add(last.gte(time::millis(now + pause))),
        )
        .exec(&store.writer)
        .await?;
    Ok(())
}

/// Revokes the token by deleting it. Returns whether it existed.
///
/// # Errors
///
/// If the database fails.
pub async fn revoke(tx: &Tx, id: PersonalAccessTokenId) -> Result<bool, Error> {
    Ok(personal_access_token::Entity::delete_by_id(id.uuid()).exec(tx.connection()).await?.rows_affected == 1)
}

/// Revokes all tokens of the user. Returns their number.
///
/// # Errors
///
/// If the database fails.
pub async fn revoke_all(tx: &Tx, user: UserId) -> Result<u64, Error> {
    let all =
        personal_access_token::Entity::delete_many().filter(personal_access_token::Column::AccountId.eq(user.uuid()));
    Ok(all.exec(tx.connection()).await?.rows_affected)
}

/// Deletes the user's tokens that expired too long ago to be listed, and all but the latest of the other expired
/// tokens, so that a client that creates very short-lived tokens cannot fill the disk.
///
/// # Errors
///
/// If the database fails.
pub async fn forget_expired(tx: &Tx, user: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    let expired = "account_id = $1 AND expires_at <= $2";
    let sql = format!(
        "DELETE FROM personal_access_tokens WHERE {expired} AND (expires_at <= $3 OR id NOT IN \
         (SELECT id FROM personal_access_tokens WHERE {expired} ORDER BY expires_at DESC, id LIMIT $4))"
    );
    let long_ago = now - super::list::LISTED_FOR;
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let values = [user.uuid().into(), time::millis(now).into(), time::millis(long_ago).into(), most.into()];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    Ok(())
}
