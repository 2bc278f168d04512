//! Table `personal_access_tokens`.

use sea_orm::entity::prelude::*;

use super::hidden::HiddenBytes;
use crate::time;
use fieldguard_domain as domain;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "personal_access_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub token_hash: HiddenBytes,
    pub name: String,
    pub permissions: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub last_used_at: Option<i64>,
    pub last_used_address: Option<String>,
    #[sea_orm(belongs_to, from = "account_id", to = "id", on_delete = "Cascade")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for domain::personal_access_token::PersonalAccessToken {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            user: row.account_id.into(),
            name: row.name,
            // Unreadable permissions grant nothing, and the token can still be revoked.
            permissions: serde_json::from_str(&row.permissions).unwrap_or_default(),
            created_at: time::from_millis(row.created_at),
            expires_at: time::from_millis(row.expires_at),
            last_used_at: row.last_used_at.map(time::from_millis),
            last_used_address: row.last_used_address,
        }
    }
}
