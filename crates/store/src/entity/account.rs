//! Table `accounts`.

use sea_orm::entity::prelude::*;

use super::hidden::HiddenText;
use crate::time;
use fieldguard_domain::{email::EmailAddress, user::User, username::Username};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub username: String,
    #[sea_orm(unique)]
    pub username_key: String,
    pub email: Option<String>,
    #[sea_orm(unique)]
    pub email_key: Option<String>,
    pub password_hash: HiddenText,
    pub disabled_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub last_sign_in_at: Option<i64>,
    pub deletion_due_at: Option<i64>,
    pub hash_imported_at: Option<i64>,
    pub email_verified_at: Option<i64>,
    pub totp_since: Option<i64>,
    #[sea_orm(has_many)]
    pub sessions: HasMany<super::session::Entity>,
    #[sea_orm(has_many, via = "account_role")]
    pub roles: HasMany<super::role::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            username: Username::from_stored(row.username, row.username_key),
            email: row.email.zip(row.email_key).map(|(address, key)| EmailAddress::from_stored(address, key)),
            email_verified_at: row.email_verified_at.map(time::from_millis),
            disabled_at: row.disabled_at.map(time::from_millis),
            deletion_due_at: row.deletion_due_at.map(time::from_millis),
            created_at: time::from_millis(row.created_at),
            last_sign_in_at: row.last_sign_in_at.map(time::from_millis),
            totp_since: row.totp_since.map(time::from_millis),
        }
    }
}
