//! Roles that include roles, and the protection of roles. The store prevents cycles: it allows one change of roles at a
//! time.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mark = boolean("is_protected").default(false).to_owned();
        manager.alter_table(Table::alter().table("roles").add_column(mark).to_owned()).await?;
        let protect = Query::update().table("roles").value("is_protected", true).and_where(is_admin()).to_owned();
        manager.get_connection().execute(&protect).await?;
        manager.create_table(role_includes()).await?;
        let included =
            Index::create().name("role_includes_included_id").table("role_includes").col("included_id").to_owned();
        manager.create_index(included).await
    }
}

fn is_admin() -> Expr {
    Expr::col("name").eq("admin")
}

fn role_includes() -> TableCreateStatement {
    let part = |name: &str, column: &str| {
        let mut key = ForeignKey::create();
        key.name(name.to_owned()).from("role_includes", column.to_owned()).to("roles", "id");
        key.on_delete(ForeignKeyAction::Cascade).to_owned()
    };
    Table::create()
        .table("role_includes")
        .col(uuid("role_id"))
        .col(uuid("included_id"))
        .primary_key(Index::create().name("role_includes_pkey").col("role_id").col("included_id"))
        .foreign_key(&mut part("role_includes_role_id", "role_id"))
        .foreign_key(&mut part("role_includes_included_id", "included_id"))
        .to_owned()
}
