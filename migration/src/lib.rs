//! The migrations of the database schema, the same on SQLite and PostgreSQL.
//!
//! Never edit a released migration; add another one. Migrations only go forward. To go back, restore a backup. The
//! store of the server decides when to run them, and under which lock.

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

mod m20261124_000001_accounts;
mod m20261124_000002_roles;
mod m20261124_000003_seed_roles;
mod m20261124_000004_sessions;
mod m20261124_000005_keys;
mod m20261124_000006_refresh_chains;
mod m20261124_000007_key_rotation;
mod m20261124_000008_security_events;
mod m20261124_000009_attempts;
mod m20261124_000010_password_resets;
mod m20261124_000011_reauthentication;
mod m20261124_000012_access_tokens;
mod m20261124_000013_role_includes;
mod m20261124_000014_user_lists;
mod m20261124_000015_deletions;
mod m20261124_000016_audit;
mod m20261124_000017_audit_subject_sets;
mod m20261124_000018_audit_addresses;
mod m20261128_000001_attempts_in_flight;
mod m20261128_000010_key_schedule;
mod m20261128_000011_deployment;
mod m20261128_000012_audit_times;
mod m20261128_000020_account_search;
mod m20261129_000001_profiles;
mod m20261129_000010_accounts_layout;
mod m20261129_000011_audit_layout;
mod m20261130_000001_personal_access_tokens;
mod m20261130_000002_webhook_events;
mod m20261130_000010_mails;
mod m20261130_000020_sign_in;
mod m20261130_000021_second_factors;

/// All migrations, in order.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_accounts::Migration),
            Box::new(m20261124_000002_roles::Migration),
            Box::new(m20261124_000003_seed_roles::Migration),
            Box::new(m20261124_000004_sessions::Migration),
            Box::new(m20261124_000005_keys::Migration),
            Box::new(m20261124_000006_refresh_chains::Migration),
            Box::new(m20261124_000007_key_rotation::Migration),
            Box::new(m20261124_000008_security_events::Migration),
            Box::new(m20261124_000009_attempts::Migration),
            Box::new(m20261124_000010_password_resets::Migration),
            Box::new(m20261124_000011_reauthentication::Migration),
            Box::new(m20261124_000012_access_tokens::Migration),
            Box::new(m20261124_000013_role_includes::Migration),
            Box::new(m20261124_000014_user_lists::Migration),
            Box::new(m20261124_000015_deletions::Migration),
            Box::new(m20261124_000016_audit::Migration),
            Box::new(m20261124_000017_audit_subject_sets::Migration),
            Box::new(m20261124_000018_audit_addresses::Migration),
            Box::new(m20261128_000001_attempts_in_flight::Migration),
            Box::new(m20261128_000010_key_schedule::Migration),
            Box::new(m20261128_000011_deployment::Migration),
            Box::new(m20261128_000012_audit_times::Migration),
            Box::new(m20261128_000020_account_search::Migration),
            Box::new(m20261129_000001_profiles::Migration),
            Box::new(m20261129_000010_accounts_layout::Migration),
            Box::new(m20261129_000011_audit_layout::Migration),
            Box::new(m20261130_000001_personal_access_tokens::Migration),
            Box::new(m20261130_000002_webhook_events::Migration),
            Box::new(m20261130_000010_mails::Migration),
            Box::new(m20261130_000020_sign_in::Migration),
            Box::new(m20261130_000021_second_factors::Migration),
        ]
    }
}
