//! What a session stores about its refresh tokens besides the newest: their number, when the last ones were exchanged,
//! and whether the newest one, or an access token issued with it, was used.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, text},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column per statement, because SQLite allows no more.
        for column in [
            big_integer("generation").default(0).to_owned(),
            text("rotations").default("[]").to_owned(),
            boolean("newest_used").default(false).to_owned(),
        ] {
            manager.alter_table(Table::alter().table("sessions").add_column(column).to_owned()).await?;
        }
        let listed =
            Index::create().name("sessions_account_id_id").table("sessions").col("account_id").col("id").to_owned();
        manager.create_index(listed).await?;
        manager.drop_index(Index::drop().name("sessions_account_id").table("sessions").to_owned()).await
    }
}
