//! Table `sign_in_challenges`.

use sea_orm::entity::prelude::*;

use super::hidden::HiddenBytes;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_challenges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub challenge_hash: HiddenBytes,
    pub account_id: Uuid,
    pub credential: HiddenBytes,
    pub methods: String,
    pub failures: i64,
    pub expires_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
