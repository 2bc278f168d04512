//! Connections: file permissions, reconnection, deadlines, and errors without secrets.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use fieldguard::{
    domain::overview::DatabaseType,
    domain::user::User,
    store::{Error, Location, Pooling, Settings, Store, administrators, users},
};
use fieldguard_test_macros::{needs, on_each_database};
use sea_orm::{ConnectionTrait, Database as Connection};

use super::{DEADLINE, account, add, hash, settings};
use crate::database::Database;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn database_files_are_readable_by_the_owner_only() {
    let database = Database::sqlite();
    let data = database.directory.path().join("data");
    // The test's directory has fixed permissions. The umask applies to the store's files.
    fs::set_permissions(database.directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let store = Store::connect(&settings(&database)).await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!((store.kind(), mode(&data)), (DatabaseType::Sqlite, 0o700));
    let files = files(&data);
    assert!(!format!("{store:?}").contains("fieldguard.db"));
    assert_eq!(files.len(), 3, "the database, its write-ahead log and the log's index: {files:?}");
    assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");
}

/// The previous test with umasks that permit too much and too little, each in its own process.
#[test]
fn database_files_are_readable_by_the_owner_only_under_any_umask() {
    for umask in ["000", "077", "777"] {
        let run = std::process::Command::new("sh")
            .args([
                "-c",
                &format!(
                    "umask {umask}; exec \"$0\" --exact store::connect::database_files_are_readable_by_the_owner_only"
                ),
            ])
            .arg(std::env::current_exe().unwrap())
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && output.contains("1 passed"), "{umask}: {output}");
    }
}

#[tokio::test]
async fn permissions_of_an_existing_file_are_restricted() {
    let database = Database::sqlite();
    let file = database.directory.path().join("data/fieldguard.db");
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    Store::connect(&settings(&database)).await.unwrap();
    assert_eq!(mode(&file), 0o600);
}

#[tokio::test]
async fn memory_database_keeps_its_data() {
    let store = Store::connect(&Settings {
        location: Location::Memory,
        pooling: Pooling::Session,
        max_connections: 8,
        deadline: DEADLINE,
    })
    .await
    .unwrap();
    store.migrate().await.unwrap();
    let ada = add(&store, "ada", &["user"]).await;
    assert_eq!(users::find(&store, ada.id).await.unwrap(), Some(ada));
    store.ping().await.unwrap();
}

#[tokio::test]
async fn connection_errors_contain_no_secrets() {
    for url in [
        "postgres://u:hunter2@127.0.0.1:1/x",
        "postgres://u:hunter2@127.0.0.1:port/x",
        "sqlite:///proc/hunter2/x.db",
        "sqlite:///proc",
    ] {
        let location = url.parse().unwrap();
        let settings = Settings { location, pooling: Pooling::Session, max_connections: 1, deadline: DEADLINE };
        let error = Store::connect(&settings).await.unwrap_err();
        let shown = format!("{error} {error:?} {settings:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("/proc"), "{shown}");
        let explained = settings.location.cannot_open(&error);
        assert!(!explained.contains("u:hunter2"), "{explained}");
    }
    for url in ["mysql://u:hunter2@host/x", "sqlite://hunter2?mode=hunter2"] {
        let error = url.parse::<Location>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[on_each_database]
async fn query_errors_contain_no_row_data() {
    super::each(async |store| {
        // A duplicate identifier is reported like any other failure.
        let first = add(store, "hunter1", &[]).await;
        let second = User { id: first.id, ..account("hunter2") };
        let tx = store.write().await.unwrap();
        let error = users::insert(&tx, &second, &hash("hunter3")).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter") && !shown.contains(&first.id.to_string()), "{shown}");
        assert!(!shown.to_lowercase().contains("insert"), "{shown}");
    })
    .await;
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn store_reconnects_after_the_server_terminates_connections() {
    let Some(database) = Database::postgres().await else { return };
    let store = Store::connect(&settings(&database)).await.unwrap();
    store.migrate().await.unwrap();
    let other = Connection::connect(&database.url).await.unwrap();
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    other.execute_unprepared(sql).await.unwrap();
    // Each connection of the pool may fail once.
    let mut failures = 0;
    while let Err(error) = users::total(&store).await {
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        failures += 1;
        assert!(failures <= 8);
    }
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn statement_is_canceled_after_the_deadline() {
    let Some(database) = Database::postgres().await else { return };
    let patient = Store::connect(&settings(&database)).await.unwrap();
    patient.migrate().await.unwrap();
    let held = patient.write().await.unwrap();
    administrators::lock(&held).await.unwrap();
    // Long enough to start a transaction even on a busy machine.
    let settings = Settings { deadline: std::time::Duration::from_secs(2), ..settings(&database) };
    let store = Store::connect(&settings).await.unwrap();
    let waiting = store.write().await.unwrap();
    let canceled = administrators::lock(&waiting).await.unwrap_err();
    assert!(matches!(canceled, Error::Unavailable(_)), "the wait for the lock is canceled: {canceled:?}");
}

/// A transaction that can't start within the deadline fails with a retryable error.
#[on_each_database]
async fn write_is_busy_when_no_connection_is_free_in_time() {
    crate::database::each(async |database| {
        Store::connect(&settings(database)).await.unwrap().migrate().await.unwrap();
        // Long enough to connect even on a busy machine.
        let short = std::time::Duration::from_secs(2);
        let settings = Settings { max_connections: 1, deadline: short, ..settings(database) };
        let store = Store::connect(&settings).await.unwrap();
        let held = store.write().await.unwrap();
        let refused = store.write().await.unwrap_err();
        assert!(matches!(refused, Error::Busy(_)), "{refused:?}");
        if store.kind() == DatabaseType::Sqlite {
            // Another process holds the write lock.
            let other = Store::connect(&settings).await.unwrap();
            let refused = other.write().await.unwrap_err();
            assert!(matches!(refused, Error::Busy(_)), "{refused:?}");
        } else {
            let refused = users::total(&store).await.unwrap_err();
            assert!(matches!(refused, Error::Busy(_)), "{refused:?}");
        }
        drop(held);
        assert!(store.write().await.is_ok());
        store.close().await;
        let closed = store.write().await.unwrap_err();
        assert!(matches!(closed, Error::Unavailable(_)), "{closed:?}");
    })
    .await;
}

/// In a deadlock of two transactions, the one that the database cancels gets a retryable error.
#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn deadlocked_transaction_fails_as_busy() {
    let Some(database) = Database::postgres().await else { return };
    let store = Store::connect(&settings(&database)).await.unwrap();
    store.migrate().await.unwrap();
    let (ada, bob) = (add(&store, "ada", &[]).await, add(&store, "bob", &[]).await);
    let (one, two) = (store.write().await.unwrap(), store.write().await.unwrap());
    users::hold(&one, ada.id).await.unwrap();
    users::hold(&two, bob.id).await.unwrap();
    let (first, second) = tokio::join!(users::hold(&one, bob.id), async {
        let held = users::hold(&two, ada.id).await;
        drop(two);
        held
    });
    let refused = [first.err(), second.err()];
    assert!(refused.iter().flatten().all(|error| matches!(error, Error::Busy(_))), "{refused:?}");
    assert_eq!(refused.iter().flatten().count(), 1);
}
