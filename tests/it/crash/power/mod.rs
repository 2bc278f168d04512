//! A power failure keeps what was synced, and an arbitrary part of the rest.
//!
//! A test cannot cut the power, and killing a process loses nothing that the operating system has. So the test records
//! with strace what the server writes to its data directory, when it syncs, and when it answers its clients
//! ([`record`]). From the record it builds the directory as a failure at any moment would leave it ([`disk`]): with
//! nothing that was not synced, or with some of the unsynced writes. SQLite opens the result, and every acknowledged
//! registration must be there.
//!
//! This needs neither root nor a special file system, and the same record gives the same result. It tests the server
//! against what POSIX guarantees for `fsync`, not against one file system.
//!
//! The control shows that the check can fail. It is a process that writes rows to SQLite in WAL mode and acknowledges
//! each commit. With `synchronous=FULL`, the server's setting, no row is lost. With `synchronous=NORMAL`, which syncs
//! the log only before a checkpoint, some rows must be lost.
//!
//! The tests run if `FIELDGUARD_TEST_STRACE` is set, since not every machine has strace or allows tracing.
#![cfg(target_os = "linux")]

mod disk;
mod record;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use fieldguard_test_macros::needs;
use sea_orm::{
    ConnectionTrait, Database as Connection, Statement,
    sqlx::{
        self, ConnectOptions as _, Connection as _,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use serde_json::json;

use self::{
    disk::{Disk, Kept},
    record::{Event, Record},
};
use super::client::Client;
use crate::{actor::PASSWORD, command_line::program::Program};

/// The number of users that are registered under strace.
const REGISTRATIONS: usize = 40;
/// The number of rows that the control writes: enough for a checkpoint or two.
const ROWS: usize = 300;
/// The power fails once per this number of rows. More failures show nothing new.
const EVERY: usize = 10;
/// The number of directories with some of the unsynced writes for each failure.
const CHANCES: u64 = 2;

const REGISTER: &str = "mutation ($input: RegisterInput!) { it: register(input: $input) { user { username } } }";
const IMPORT: &str = "mutation ($input: ImportUsersInput!) { it: importUsers(input: $input) { users { id } } }";
const HASH: &str = "$2b$04$......................LAtw7/ohmmBAhnXqmkuIz83Rl5Qdjhm";

/// The name that acknowledges a registration or a row.
fn name(number: usize) -> String {
    format!("{}{number:04}", record::MARK)
}

/// The number of failures, and the number of failures that lost something acknowledged.
#[derive(Debug, Default)]
struct Findings {
    failures: usize,
    losses: usize,
}

/// Simulates a power failure after every `every` acknowledgments.
async fn fail(record: &Record, every: usize) -> Findings {
    let (mut disk, mut acknowledged, mut findings) = (Disk::new(), Vec::new(), Findings::default());
    for event in &record.events {
        if let Event::Acknowledged(names) = event {
            acknowledged.extend(names.iter().cloned());
        }
        if matches!(event, Event::Acknowledged(_)) && acknowledged.len() % every == 0 {
            let seed = findings.failures as u64;
            let chances = (seed..seed + CHANCES).map(Kept::Some);
            for kept in std::iter::once(Kept::Synced).chain(chances) {
                let remains = tempfile::tempdir().unwrap();
                disk.write_remains(kept, remains.path());
                findings.failures += 1;
                findings.losses += usize::from(!has_all(remains.path(), &acknowledged).await);
            }
        }
        disk.apply(event);
    }
    findings
}

/// Whether the database that remains has all these names. Asserts that it is not damaged.
async fn has_all(remains: &Path, names: &[String]) -> bool {
    let file = remains.join("fieldguard.db");
    if !file.exists() {
        return false;
    }
    let connection = Connection::connect(format!("sqlite://{}?mode=rw", file.display())).await.unwrap();
    let query = async |sql: &str, column: &str| {
        let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
        Some(rows.ok()?.iter().map(|row| row.try_get::<String>("", column).unwrap()).collect::<Vec<_>>())
    };
    assert_eq!(query("PRAGMA integrity_check", "integrity_check").await.unwrap(), ["ok"]);
    let found = query("SELECT username FROM accounts", "username").await.unwrap_or_default();
    connection.close().await.unwrap();
    names.iter().all(|name| found.contains(name))
}

/// The arguments for strace to record into `log`. With `-D`, the program keeps its process id.
fn strace(log: &Path) -> [&str; 11] {
    let log = log.to_str().unwrap();
    ["-D", "-f", "-q", "--seccomp-bpf", "-e", record::CALLS, "-xx", "-s", "2000000", "-o", log]
}

#[needs("FIELDGUARD_TEST_STRACE")]
#[tokio::test]
async fn power_failure_loses_no_acknowledged_registration() {
    let program = Program::new();
    let log = program.directory().join("strace.log");
    program.run_with(&["admin", "create", "ada", "--password-stdin"], PASSWORD).ok();
    std::fs::remove_dir_all(program.directory().join("data")).unwrap();
    let program = program.set("FIELDGUARD_ADMIN_USERNAME", "ada").set("FIELDGUARD_ADMIN_PASSWORD", PASSWORD);
    let server = program.serve_under("strace", &strace(&log));
    let ada = server.anonymous().login("ada").await;
    let client = Client::new(server.url("/graphql"));
    for number in 0..REGISTRATIONS {
        let input = json!({ "input": { "username": name(number), "password": PASSWORD } });
        client.ask(None, REGISTER, input).await.done().unwrap();
        // Fill many pages, so that SQLite makes a checkpoint.
        let users: Vec<_> =
            (0..100).map(|n| json!({ "username": format!("import-{number}-{n}"), "passwordHash": HASH })).collect();
        let input = json!({ "input": { "users": users } });
        client.ask(ada.token.as_deref(), IMPORT, input).await.done().unwrap();
    }
    server.kill();

    let data = program.directory().join("data");
    let record = Record::read(&log, program.directory(), &data);
    assert_eq!(record.acknowledged(), REGISTRATIONS, "each answer is in the record");
    assert!(record.checkpoints("fieldguard.db") > 0, "the server makes a checkpoint");
    let findings = fail(&record, 1).await;
    assert_eq!((findings.failures, findings.losses), (REGISTRATIONS * (1 + usize::try_from(CHANCES).unwrap()), 0));

    let unsynced = fail(&record.without_syncs_of("fieldguard.db-wal"), 1).await;
    assert!(
        unsynced.losses > 0,
        "without syncs of the write-ahead log, acknowledged registrations are lost: {unsynced:?}"
    );
    check_commands_accept_the_remains(&record, &data);
}

/// The server's own commands accept what remains after the strictest failure at the end.
fn check_commands_accept_the_remains(record: &Record, data: &Path) {
    let (mut disk, program) = (Disk::new(), Program::new());
    record.events.iter().for_each(|event| disk.apply(event));
    let remains = program.directory().join("data");
    std::fs::create_dir(&remains).unwrap();
    disk.write_remains(Kept::Synced, &remains);
    let key = |directory: &Path| std::fs::read(directory.join("signing-key.pem")).unwrap();
    assert_eq!(key(&remains), key(data), "the signing key is kept");
    program.run(&["audit", "verify"]).ok();
    assert!(program.run(&["users", "show", &name(REGISTRATIONS - 1)]).ok().contains("active"));
}

#[needs("FIELDGUARD_TEST_STRACE")]
#[tokio::test]
async fn power_failure_loses_commits_of_the_control_only_if_they_are_not_synced() {
    for (synchronous, loses) in [("FULL", false), ("NORMAL", true)] {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("strace.log");
        let ended = Command::new("strace")
            .args(strace(&log))
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "crash::power::control", "--ignored", "--nocapture", "--test-threads=1"])
            .env("FIELDGUARD_CRASH_SYNCHRONOUS", synchronous)
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
        let data = directory.path().join("data");
        let record = Record::read(&log, directory.path(), &data);
        assert_eq!(record.acknowledged(), ROWS, "{synchronous}: each acknowledgment is in the record");
        assert!(record.checkpoints("fieldguard.db") > 0, "{synchronous}: SQLite makes a checkpoint");
        let findings = fail(&record, EVERY).await;
        assert_eq!(findings.losses > 0, loses, "{synchronous}: {findings:?}");
    }
}

/// Writes rows with `FIELDGUARD_CRASH_SYNCHRONOUS`, and acknowledges each on standard output. Runs in a process of its
/// own.
#[tokio::test]
#[ignore = "the test of the control starts it in a process of its own"]
#[expect(clippy::disallowed_methods, reason = "the variable is for tests, not a setting")]
async fn control() {
    let Ok(synchronous) = std::env::var("FIELDGUARD_CRASH_SYNCHRONOUS") else { return };
    let synchronous: SqliteSynchronous = synchronous.parse().unwrap();
    std::fs::create_dir("data").unwrap();
    let options = SqliteConnectOptions::new()
        .filename(PathBuf::from("data/fieldguard.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE accounts (username TEXT NOT NULL, page BLOB NOT NULL)")
        .execute(&mut connection)
        .await
        .unwrap();
    for number in 0..ROWS {
        let insert = sqlx::query("INSERT INTO accounts VALUES (?, zeroblob(12000))").bind(name(number));
        insert.execute(&mut connection).await.unwrap();
        // Bypass the output capture of the test runner.
        writeln!(std::io::stdout().lock(), "{}", name(number)).unwrap();
    }
    connection.close().await.unwrap();
}
