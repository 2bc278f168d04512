//! Migration: concurrent servers migrate once, and a newer schema is rejected.

use std::process::{Command, Stdio};

use fieldguard::{
    domain::{
        audit::{Action, Actor, Entry, Verdict},
        session::Client,
        user_list::UserFilter,
    },
    store::{
        Error, Pooling, Settings, Store, administrators, audit, roles, sessions,
        signing_keys::{self, signing_order},
        users,
    },
};
use fieldguard_migration::Migrator;
use fieldguard_migration::MigratorTrait as _;
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Database as Connection, DatabaseConnection, Statement};

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
    let store = Store::connect(&Settings {
        location: url.parse().unwrap(),
        pooling: Pooling::Session,
        max_connections: 2,
        deadline: DEADLINE,
    })
    .await
    .unwrap();
    store.migrate().await.unwrap();
    assert_eq!(roles::list(&store).await.unwrap().len(), 2);
}

/// What belongs to the table of accounts, as SQLite stores it.
const PARTS: &str = "SELECT type || ' ' || name AS text FROM sqlite_schema WHERE tbl_name = 'accounts' ORDER BY 1";

/// The column `text` of all rows.
async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
}

/// Columns of the tables that the test below fills.
const LATER_COLUMNS: [(&str, &str); 3] =
    [("accounts", "email_verified_at BIGINT"), ("accounts", "totp_since BIGINT"), ("sessions", "methods TEXT")];

#[on_each_database]
async fn accounts_keep_their_data_in_the_new_layout() {
    database::each(async |database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        let old = Connection::connect(&database.url).await.unwrap();
        let before_layout =
            Migrator::migrations().iter().position(|step| step.name() == "m20261129_000010_accounts_layout").unwrap();
        Migrator::up(&old, Some(u32::try_from(before_layout).unwrap())).await.unwrap();
        // The store writes columns that later migrations add.
        for (table, column) in LATER_COLUMNS {
            old.execute_unprepared(&format!("ALTER TABLE {table} ADD COLUMN {column}")).await.unwrap();
        }
        let ada = super::add(&store, "ada", &["admin", "user"]).await;
        super::sign_in(&store, ada.id).await;
        for (table, column) in LATER_COLUMNS {
            let name = column.split(' ').next().unwrap();
            old.execute_unprepared(&format!("ALTER TABLE {table} DROP COLUMN {name}")).await.unwrap();
        }
        let tx = store.write().await.unwrap();
        tx.note(Entry::new(Action::SignIn, Actor::Server, &Client::default(), now()).on(ada.id));
        tx.commit().await.unwrap();
        let is_sqlite = database.url.starts_with("sqlite");
        let parts = if is_sqlite { texts(&old, PARTS).await } else { Vec::new() };
        store.migrate().await.unwrap();

        assert_eq!(users::find(&store, ada.id).await.unwrap().as_ref(), Some(&ada));
        assert_eq!(administrators::list(&store).await.unwrap(), [ada]);
        assert_eq!(sessions::live(&store, now()).await.unwrap(), 1);
        let found = UserFilter::default().search("ada").unwrap().unwrap();
        assert_eq!(users::count(&store, &found).await.unwrap(), 1);
        let verdict = audit::verify(&store, None).await.unwrap();
        assert!(matches!(verdict, Verdict::Whole { rows: 1, .. }), "{verdict:?}");
        if is_sqlite {
            let kept = texts(&old, PARTS).await;
            assert_eq!(kept.iter().filter(|part| part.starts_with("trigger")).count(), 3, "{kept:?}");
            // The key has no index of its own any more.
            let parts: Vec<_> = parts.into_iter().filter(|part| !part.contains("sqlite_autoindex")).collect();
            let kept: Vec<_> = kept.into_iter().filter(|part| !part.contains("sqlite_autoindex")).collect();
            assert_eq!(kept, parts);
            let keys = "SELECT CAST(wr AS text) AS text FROM pragma_table_list('accounts')";
            assert_eq!(texts(&old, keys).await, ["1"]);
            assert!(texts(&old, "SELECT \"table\" AS text FROM pragma_foreign_key_check").await.is_empty());
        }
        super::add(&store, "bob", &["user"]).await;
        assert_eq!(users::count(&store, &UserFilter::default().search("bob").unwrap().unwrap()).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn migration_with_foreign_keys_enforced_deletes_nothing() {
    let database = database::Database::sqlite();
    Store::connect(&settings(&database)).await.unwrap().close().await;
    let connection = Connection::connect(&database.url).await.unwrap();
    // All migrations before the one that rebuilds the table of accounts.
    Migrator::up(&connection, Some(23)).await.unwrap();
    let sql = "INSERT INTO accounts (id, username, username_key, password_hash, created_at, updated_at) \
               VALUES (X'01900000000070008000000000000001', 'old', 'old', 'hash', 1, 1)";
    connection.execute_unprepared(sql).await.unwrap();
    assert!(Migrator::up(&connection, None).await.unwrap_err().to_string().contains("foreign keys"));
    assert_eq!(texts(&connection, "SELECT username AS text FROM accounts").await, ["old"]);
}
