//! Migration: by any number of servers at once, and never of what a newer one has made.

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
async fn happens_once() {
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
async fn refuses_a_newer_database() {
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
async fn the_key_that_signs_goes_on_signing() {
    database::each(async |database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        let connection = Connection::connect(&database.url).await.unwrap();
        // The steps up to the one before keys were scheduled.
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

/// The variable that tells [`starts`] where the database of its parent is.
const CHILD: &str = "FIELDGUARD_TEST_START_URL";

#[on_each_database]
async fn happens_once_whoever_starts() {
    database::each(async |database| {
        let start = || {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "store::migrate::starts", "--ignored"])
                .env(CHILD, &database.url)
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
#[ignore = "a process of the test above"]
async fn starts() {
    #[expect(clippy::disallowed_methods, reason = "the parent's word, not a setting")]
    let Ok(url) = std::env::var(CHILD) else { return };
    let store = Store::connect(&Settings { location: url.parse().unwrap(), max_connections: 2, deadline: DEADLINE })
        .await
        .unwrap();
    store.migrate().await.unwrap();
    assert_eq!(roles::list(&store).await.unwrap().len(), 2);
}
