//! Profiles of users. They are in a table of their own, so that reading an account costs nothing more. The database
//! deletes a profile with its account. Callers of [`put`] must lock the user first ([`super::users::hold`]).

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use super::{
    Error, Reader, Tx,
    entity::profile::{ActiveModel, Column, Entity},
};
use fieldguard_domain::{
    id::UserId,
    profile::{Metadata, Profile},
};

/// The profiles of these users. Users without a profile, and unknown users, are left out.
///
/// # Errors
///
/// If the database fails.
pub async fn of_users(reader: &impl Reader, users: &[UserId]) -> Result<HashMap<UserId, Profile>, Error> {
    let ids = users.iter().map(|user| user.uuid());
    let found = Entity::find().filter(Column::AccountId.is_in(ids)).all(reader.connection()).await?;
    Ok(found.into_iter().map(|row| (row.account_id.into(), row.into())).collect())
}

/// The profile of the user, which is empty if the user has none.
///
/// # Errors
///
/// If the database fails.
pub async fn of_user(reader: &impl Reader, user: UserId) -> Result<Profile, Error> {
    let found = Entity::find_by_id(user.uuid()).one(reader.connection()).await?;
    Ok(found.map(Profile::from).unwrap_or_default())
}

/// Adds the profile of a user who was just created, unless it is empty.
///
/// # Errors
///
/// If the database fails.
pub async fn insert(tx: &Tx, user: UserId, profile: &Profile) -> Result<(), Error> {
    if *profile != Profile::default() {
        Entity::insert(row(user, profile)).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}

/// Replaces the profile of the user.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn put(tx: &Tx, user: UserId, profile: &Profile) -> Result<(), Error> {
    if *profile == Profile::default() {
        Entity::delete_by_id(user.uuid()).exec(tx.connection()).await?;
        return Ok(());
    }
    let columns = [
        Column::DisplayName,
        Column::Locale,
        Column::TimeZone,
        Column::AvatarUrl,
        Column::Metadata,
        Column::AdminMetadata,
    ];
    let replace = OnConflict::column(Column::AccountId).update_columns(columns).to_owned();
    Entity::insert(row(user, profile)).on_conflict(replace).exec_without_returning(tx.connection()).await?;
    Ok(())
}

fn row(user: UserId, profile: &Profile) -> ActiveModel {
    ActiveModel {
        account_id: Set(user.uuid()),
        display_name: Set(profile.display_name.as_ref().map(|name| name.as_str().to_owned())),
        locale: Set(profile.locale.as_ref().map(|locale| locale.as_str().to_owned())),
        time_zone: Set(profile.time_zone.as_ref().map(|zone| zone.as_str().to_owned())),
        avatar_url: Set(profile.avatar_url.as_ref().map(|url| url.as_str().to_owned())),
        metadata: Set(profile.metadata.as_ref().map(Metadata::to_text)),
        admin_metadata: Set(profile.admin_metadata.as_ref().map(Metadata::to_text)),
    }
}
