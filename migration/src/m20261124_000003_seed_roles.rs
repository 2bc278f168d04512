//! The two built-in roles. Their ids are the same in every database. The permissions of `admin` are defined in code and
//! need no rows.

use sea_orm_migration::{prelude::*, sea_orm::prelude::Uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

const ROLES: [(Uuid, &str, &str); 2] = [
    (Uuid::from_u128(0x7000_8000_0000_0000_0001), "admin", "May do everything. Cannot be changed or deleted."),
    (
        Uuid::from_u128(0x7000_8000_0000_0000_0002),
        "user",
        "Given to every user. It has no permissions beyond the own account.",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut insert = Query::insert().into_table("roles").columns(["id", "name", "description"]).to_owned();
        for (id, name, description) in ROLES {
            insert.values_panic([id.into(), name.into(), description.into()]);
        }
        insert.on_conflict(OnConflict::column("name").do_nothing().to_owned());
        manager.get_connection().execute(&insert).await.map(drop)
    }
}
