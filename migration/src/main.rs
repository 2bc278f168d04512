//! The program that `sea-orm-cli migrate` runs on a developer's database. The server migrates its own database, under a
//! lock that this program does not take.

use fieldguard_migration::Migrator;
use sea_orm_migration::cli;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    cli::run_cli(Migrator).await;
}
