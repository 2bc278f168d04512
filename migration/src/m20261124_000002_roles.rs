//! Roles, their permissions, and the accounts that have them.

use sea_orm_migration::{
    prelude::*,
    schema::{pk_uuid, text, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let roles =
            Table::create().table("roles").col(pk_uuid("id")).col(text("name")).col(text("description")).to_owned();
        manager.create_table(roles).await?;
        manager.create_index(Index::create().unique().name("roles_name").table("roles").col("name").to_owned()).await?;
        manager.create_table(role_permissions()).await?;
        manager.create_table(account_roles()).await?;
        let holders = Index::create().name("account_roles_role_id").table("account_roles").col("role_id").to_owned();
        manager.create_index(holders).await
    }
}

fn role_permissions() -> TableCreateStatement {
    Table::create()
        .table("role_permissions")
        .col(uuid("role_id"))
        .col(text("permission"))
        .primary_key(Index::create().name("role_permissions_pkey").col("role_id").col("permission"))
        .foreign_key(
            ForeignKey::create()
                .name("role_permissions_role_id")
                .from("role_permissions", "role_id")
                .to("roles", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn account_roles() -> TableCreateStatement {
    Table::create()
        .table("account_roles")
        .col(uuid("account_id"))
        .col(uuid("role_id"))
        .primary_key(Index::create().name("account_roles_pkey").col("account_id").col("role_id"))
        .foreign_key(
            ForeignKey::create()
                .name("account_roles_account_id")
                .from("account_roles", "account_id")
                .to("accounts", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .name("account_roles_role_id")
                .from("account_roles", "role_id")
                .to("roles", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
