//! Table `totp_secrets`. A row of an account without `totp_since` is an enrollment that is not confirmed.

use sea_orm::entity::prelude::*;

use super::hidden::HiddenBytes;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "totp_secrets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub secret: HiddenBytes,
    pub created_at: i64,
    pub last_step: i64,
}

impl ActiveModelBehavior for ActiveModel {}
