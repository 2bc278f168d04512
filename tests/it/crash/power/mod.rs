//! What is left when the power fails: what was synced, and of the rest whatever the disk happened to have.
//!
//! A test cannot cut the power, and killing a process loses nothing that the system has. So the test records, with strace,
//! everything that the server writes to its data directory, when it syncs, and when it answers its clients ([`record`]). From
//! the record it makes the directory as a failure would leave it at any moment ([`disk`]): strictly, with nothing that was
//! not synced before, or with some of the writes that were not. SQLite opens that, and every account must be there whose
//! registration was answered before.
//!
//! This needs neither root nor a file system of its own, and the same record gives the same result. It holds the server to
//! what POSIX promises of `fsync`, not to what one file system makes of it.
//!
//! A check that cannot fail proves nothing. The control is a process that writes rows to SQLite in WAL mode and says so after
//! each commit. With `synchronous=FULL`, as the server has it, none is lost. With `synchronous=NORMAL`, which syncs the log
//! only before a checkpoint, some must be lost.
//!
//! It runs where `FIELDGUARD_TEST_STRACE` is set, since not every machine has strace or lets it trace.
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

/// How many accounts are registered under strace.
const REGISTRATIONS: usize = 40;
/// How many rows the control writes: enough for a checkpoint or two.
const ROWS: usize = 300;
/// At one of how many rows the power fails: it shows the same as at each.
const EVERY: usize = 10;
/// How many directories with some of the unsynced writes are made of each moment.
const CHANCES: u64 = 2;

const REGISTER: &str = "mutation ($input: RegisterInput!) { it: register(input: $input) { user { username } } }";
const IMPORT: &str = "mutation ($input: ImportUsersInput!) { it: importUsers(input: $input) { users { id } } }";
const HASH: &str = "$2b$04$......................LAtw7/ohmmBAhnXqmkuIz83Rl5Qdjhm";

/// What acknowledges a name, in an answer or on standard output.
fn name(number: usize) -> String {
    format!("{}{number:04}", record::MARK)
}

/// How many failures were looked at, and after how many of them something acknowledged was missing.
#[derive(Debug, Default)]
struct Findings {
    failures: usize,
    losses: usize,
}

/// Lets the power fail at one of so many acknowledgments.
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
                let left = tempfile::tempdir().unwrap();
                disk.leave(kept, left.path());
                findings.failures += 1;
                findings.losses += usize::from(!has_all(left.path(), &acknowledged).await);
            }
        }
        disk.apply(event);
    }
    findings
}

/// Whether the database that is left has all these names. It is never damaged.
async fn has_all(left: &Path, names: &[String]) -> bool {
    let file = left.join("fieldguard.db");
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

/// The arguments with which strace records into `log`. The tracer is no parent of the program, which so keeps its process id.
fn strace(log: &Path) -> [&str; 11] {
    let log = log.to_str().unwrap();
    ["-D", "-f", "-q", "--seccomp-bpf", "-e", record::CALLS, "-xx", "-s", "2000000", "-o", log]
}

#[needs("FIELDGUARD_TEST_STRACE")]
#[tokio::test]
async fn a_power_failure_loses_no_acknowledged_registration() {
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
        // Many pages, so that SQLite makes a checkpoint.
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
    assert!(unsynced.losses > 0, "without the syncs of its log the server loses what it acknowledged: {unsynced:?}");
    check_what_is_left(&record, &data);
}

/// The server's own commands take what the strictest failure left at the end.
fn check_what_is_left(record: &Record, data: &Path) {
    let (mut disk, program) = (Disk::new(), Program::new());
    record.events.iter().for_each(|event| disk.apply(event));
    let left = program.directory().join("data");
    std::fs::create_dir(&left).unwrap();
    disk.leave(Kept::Synced, &left);
    let key = |directory: &Path| std::fs::read(directory.join("signing-key.pem")).unwrap();
    assert_eq!(key(&left), key(data), "the key is kept that signed the tokens");
    program.run(&["audit", "verify"]).ok();
    assert!(program.run(&["users", "show", &name(REGISTRATIONS - 1)]).ok().contains("active"));
}

#[needs("FIELDGUARD_TEST_STRACE")]
#[tokio::test]
async fn a_power_failure_loses_commits_of_the_control_only_without_their_syncs() {
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

/// Writes rows as `FIELDGUARD_CRASH_SYNCHRONOUS` says, in a process of its own, and acknowledges each on standard output.
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
        // Past the capture of the test runner.
        writeln!(std::io::stdout().lock(), "{}", name(number)).unwrap();
    }
    connection.close().await.unwrap();
}
