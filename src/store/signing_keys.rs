//! Keys that sign tokens, where replicas share them; a single server may keep its key in a file instead. What a key is made
//! of is a matter of [`crate::auth`].

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    Error, Store,
    entity::{hidden::HiddenBytes, signing_key},
    time,
};

/// The advisory lock at which replicas that have no key yet line up. Any number will do that nobody else uses.
const LOCK: i64 = 0x6669_656c_6467_756b;

/// The private key in use for the algorithm (`ES256`); `fresh` makes one, with its `kid` before it, where there is none
/// yet. Where several ask at once for the first time, all get the same one.
///
/// # Errors
///
/// Where the database fails.
pub async fn get_or_create(
    store: &Store,
    algorithm: &str,
    fresh: impl FnOnce() -> (String, Vec<u8>),
    now: DateTime<Utc>,
) -> Result<Vec<u8>, Error> {
    if let Some(key) = in_use(&store.reader, algorithm).await? {
        return Ok(key);
    }
    let tx = store.write().await?;
    tx.lock(LOCK).await?;
    if let Some(key) = in_use(tx.connection(), algorithm).await? {
        return Ok(key);
    }
    let (kid, private_key) = fresh();
    let row = signing_key::ActiveModel {
        kid: Set(kid),
        algorithm: Set(algorithm.to_owned()),
        private_key: Set(HiddenBytes(private_key.clone())),
        created_at: Set(time::millis(now)),
        retired_at: Set(None),
    };
    signing_key::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    tx.commit().await?;
    Ok(private_key)
}

async fn in_use(connection: &impl ConnectionTrait, algorithm: &str) -> Result<Option<Vec<u8>>, Error> {
    let key = signing_key::Entity::find()
        .filter(signing_key::Column::Algorithm.eq(algorithm))
        .filter(signing_key::Column::RetiredAt.is_null())
        .order_by_desc(signing_key::Column::CreatedAt)
        .one(connection)
        .await?;
    Ok(key.map(|row| row.private_key.0))
}
