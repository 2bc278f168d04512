//! Table `signing_keys`: former, current and future signing keys. `private_key` is empty if a single server keeps the
//! private half in a file, or if the key does not sign any more.

use sea_orm::entity::prelude::*;

use super::hidden::HiddenBytes;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    pub algorithm: String,
    pub private_key: HiddenBytes,
    pub created_at: i64,
    pub retired_at: Option<i64>,
    pub public_key: Option<String>,
    pub verifies_until: Option<i64>,
    pub signs_from: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
