//! Values that all servers on this database share. Callers decide who may change them.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{Cause, Error, Store, Tx, entity::deployment};

const ISSUER: &str = "issuer";

/// The issuer of access tokens, if one is stored.
///
/// # Errors
///
/// If the database fails.
pub async fn issuer(store: &Store) -> Result<Option<String>, Error> {
    Ok(deployment::Entity::find_by_id(ISSUER).one(&store.reader).await?.map(|row| row.value))
}

/// The stored issuer of access tokens. `first` is stored if there is none. Servers that start at the same time get the
/// same issuer.
///
/// # Errors
///
/// If the database fails.
pub async fn issuer_or_store(store: &Store, first: &str) -> Result<String, Error> {
    if let Some(issuer) = issuer(store).await? {
        return Ok(issuer);
    }
    deployment::Entity::insert(row(first))
        .on_conflict(OnConflict::column(deployment::Column::Name).do_nothing().to_owned())
        .exec_without_returning(&store.writer)
        .await?;
    issuer(store).await?.ok_or_else(Cause::unreadable)
}

/// Stores another issuer of access tokens.
///
/// # Errors
///
/// If the database fails.
pub async fn set_issuer(tx: &Tx, issuer: &str) -> Result<(), Error> {
    deployment::Entity::insert(row(issuer))
        .on_conflict(OnConflict::column(deployment::Column::Name).update_column(deployment::Column::Value).to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

fn row(issuer: &str) -> deployment::ActiveModel {
    deployment::ActiveModel { name: Set(ISSUER.to_owned()), value: Set(issuer.to_owned()) }
}
