//! Secrets that all replicas share, such as the cursor key. Callers define their content.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{
    Cause, Error, Store,
    entity::{hidden::HiddenBytes, secret},
};

/// The secret with this name. `fresh` creates it if there is none. Concurrent first callers all get the same one.
///
/// # Errors
///
/// If the database fails.
pub async fn get_or_create(store: &Store, name: &str, fresh: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, Error> {
    if let Some(value) = get(store, name).await? {
        return Ok(value);
    }
    let row = secret::ActiveModel { name: Set(name.to_owned()), value: Set(HiddenBytes(fresh())) };
    secret::Entity::insert(row)
        .on_conflict(OnConflict::column(secret::Column::Name).do_nothing().to_owned())
        .exec_without_returning(&store.writer)
        .await?;
    get(store, name).await?.ok_or_else(Cause::unreadable)
}

async fn get(store: &Store, name: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(secret::Entity::find_by_id(name).one(&store.reader).await?.map(|row| row.value.0))
}
