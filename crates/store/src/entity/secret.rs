//! Table `secrets`.

use sea_orm::entity::prelude::*;

use super::hidden::HiddenBytes;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "secrets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub value: HiddenBytes,
}

impl ActiveModelBehavior for ActiveModel {}
