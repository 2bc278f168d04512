//! Secrets that every replica must share, such as the key of cursors. What one is made of, its user decides.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{
    Cause, Error, Store,
    entity::{hidden::HiddenBytes, secret},
};

/// The secret of that name; `fresh` makes it where there is none yet. Where several ask at once for the first time, all get
/// the same one.
///
/// # Errors
///
/// Where the database fails.
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
