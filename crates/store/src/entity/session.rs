//! Table `sessions`.

use sea_orm::entity::prelude::*;

use super::hidden::HiddenBytes;
use crate::time;
use fieldguard_domain as domain;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub created_at: i64,
    pub authenticated_at: i64,
    pub last_used_at: i64,
    pub idle_expires_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    #[sea_orm(unique)]
    pub refresh_hash: HiddenBytes,
    pub generation: i64,
    pub rotations: String,
    pub newest_used: bool,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub methods: String,
    #[sea_orm(belongs_to, from = "account_id", to = "id", on_delete = "Cascade")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for domain::session::Session {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            user: row.account_id.into(),
            methods: domain::authentication::Methods::from_stored(&row.methods),
            created_at: time::from_millis(row.created_at),
            authenticated_at: time::from_millis(row.authenticated_at),
            last_used_at: time::from_millis(row.last_used_at),
            expires_at: time::from_millis(row.expires_at),
            ip_address: row.ip_address,
            user_agent: row.user_agent,
        }
    }
}
