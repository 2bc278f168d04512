//! Table `signing_keys`: for keys that replicas share. A single server keeps its key in a file instead.

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
}

impl ActiveModelBehavior for ActiveModel {}
