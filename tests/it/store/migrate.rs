//! Migration: concurrent servers migrate once, and a newer schema is rejected.

use std::process::{Command, Stdio};

use fieldguard::store::{
    Error, Settings, Store, roles,
    signing_keys::{self, signing_order},
};
use fieldguard_migration::Migrator;
use fieldguard_migration::MigratorTrait as _;
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use sea_orm::Database as Connection;

use super::{DEADLINE, now, settings};
use crate::database;

#[on_each_database]
async fn concurrent_migrations_run_once() {
    database::each(async |database| {
        let starts = (0..4).map(|_| async {
            let store = Store::connect(&settings(database)).await?;
            store.migrate().await?;
            Ok::<_, Error>(store)
        });
        for store in join_all(starts).await {
            let store = store.unwrap();
            assert_eq!(roles::list(&store).await.unwrap().len(), 2);
            store.migrate().await.unwrap();
        }
    })
    .await;
}

#[on_each_database]
async fn migration_rejects_a_newer_schema() {
    database::each(async |database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        store.migrate().await.unwrap();
        let connection = Connection::connect(&database.url).await.unwrap();
        let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
        connection.execute_unprepared(sql).await.unwrap();
        assert!(matches!(store.migrate().await, Err(Error::Newer)));
    })
    .await;
}

#[on_each_database]
async fn signing_key_survives_the_migration_to_scheduled_keys() {
    database::each(async |database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        let connection = Connection::connect(&database.url).await.unwrap();
        // All migrations before the one that schedules keys.
        Migrator::up(&connection, Some(18)).await.unwrap();
        for (kid, verifies_until, retired_at) in
            [("old", "1800000900000", "NULL"), ("signs", "NULL", "NULL"), ("leaked", "1800000900000", "1800000000000")]
        {
            let sql = format!(
                "INSERT INTO signing_keys (kid, algorithm, private_key, created_at, verifies_until, retired_at) \
                 VALUES ('{kid}', 'ES256', '', 1799999999000, {verifies_until}, {retired_at})"
            );
            connection.execute_unprepared(&sql).await.unwrap();
        }
        connection.close().await.unwrap();
        store.migrate().await.unwrap();
        let keys = signing_keys::all(&store).await.unwrap();
        let order: Vec<_> = signing_order(&keys, now()).into_iter().map(|key| key.kid.as_str()).collect();
        assert_eq!(order, ["signs"]);
        assert_eq!(keys.iter().filter(|key| key.verifies(now())).count(), 2);
    })
    .await;
}

/// The environment variable with the database URL of the parent process, for [`migrate_in_child_process`].
const CHILD_URL: &str = "FIELDGUARD_TEST_START_URL";

#[on_each_database]
async fn concurrent_migrations_of_several_processes_run_once() {
    database::each(async |database| {
        let start = || {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "store::migrate::migrate_in_child_process", "--ignored"])
                .env(CHILD_URL, &database.url)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let children: Vec<_> = (0..6).map(|_| start()).collect();
        for child in children {
            let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
            assert!(output.contains("1 passed"), "{output}");
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "runs in a child process of the previous test"]
async fn migrate_in_child_process() {
    #[expect(clippy::disallowed_methods, reason = "set by the parent process, not a setting")]
    let Ok(url) = std::env::var(CHILD_URL) else { return };
    let store = Store::connect(&Settings { location: url.parse().unwrap(), max_connections: 2, deadline: DEADLINE })
        .await
        .unwrap();
    store.migrate().await.unwrap();
    assert_eq!(roles::list(&store).await.unwrap().len(), 2);
}
