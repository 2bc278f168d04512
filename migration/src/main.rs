//! The program `sea-orm-cli migrate` runs, for a developer's database. The server migrates its own, under a lock that this
//! does not take.

use fieldguard_migration::Migrator;
use sea_orm_migration::cli;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    cli::run_cli(Migrator).await;
}
