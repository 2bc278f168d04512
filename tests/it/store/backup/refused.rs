//! Rejected backups and restores: they change nothing.

use std::io::Read as _;
use std::io::Write as _;
use std::{fs, path::Path};

use fieldguard::{
    domain::role::USER,
    store::backup::{self, Backup, Error},
};
use fieldguard_test_macros::needs;
use flate2::{Compression, write::GzEncoder};
use sea_orm::ConnectionTrait;
use sea_orm::Database as Connection;

use super::{
    super::add,
    connect,
    content::{dump, fill},
    kinds, lines, migrated, restore, save,
};
use crate::database::Database;

async fn open(bytes: &[u8]) -> Result<(), Error> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    fs::write(&path, bytes).unwrap();
    Backup::open(&path).await.map(drop)
}

fn compressed(lines: &[String]) -> Vec<u8> {
    let mut file = GzEncoder::new(Vec::new(), Compression::fast());
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
    file.finish().unwrap()
}

/// A backup of a small database as bytes, and the database.
async fn small_backup() -> (Database, Vec<u8>) {
    let database = Database::sqlite();
    let store = migrated(&database).await;
    add(&store, "ann", &[USER]).await;
    let path = save(&store, &database, "a.backup").await;
    store.close().await;
    let bytes = fs::read(path).unwrap();
    (database, bytes)
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    flate2::bufread::GzDecoder::new(bytes).read_to_end(&mut unpacked).unwrap();
    unpacked
}

#[tokio::test]
async fn truncated_or_altered_backup_is_rejected() {
    let (_database, whole) = small_backup().await;
    open(&whole).await.unwrap();
    // Every length would take half a minute. Step sizes that share no factor with the field sizes reach every kind of
    // position.
    for length in (0..whole.len()).step_by(7) {
        assert!(open(&whole[..length]).await.is_err_and(|error| error.is_in_file()), "{length} bytes");
    }
    for place in (0..whole.len()).step_by(11) {
        let mut altered = whole.clone();
        altered[place] ^= 0x20;
        match open(&altered).await {
            // A few bits of gzip have no effect: a time in its header, and the padding of the last byte of a block.
            Ok(()) => assert_eq!(unpacked(&altered), unpacked(&whole), "byte {place}"),
            Err(error) => assert!(error.is_in_file(), "byte {place}"),
        }
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(matches!(open(&longer).await, Err(Error::Damaged(_))));
    assert!(matches!(open(&[whole.clone(), whole].concat()).await, Err(Error::Damaged(_))));
}

#[tokio::test]
async fn backup_with_a_missing_moved_or_changed_line_is_rejected() {
    let (database, whole) = small_backup().await;
    let path = database.directory.path().join("a.backup");
    let header = {
        use std::io::BufRead as _;
        use std::io::BufReader;
        let mut line = String::new();
        BufReader::new(flate2::read::GzDecoder::new(&whole[..])).read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let all: Vec<_> = std::iter::once(header.clone()).chain(lines(&path)).collect();
    open(&compressed(&all)).await.unwrap();
    for place in 0..all.len() {
        let mut short = all.clone();
        short.remove(place);
        assert!(open(&compressed(&short)).await.is_err_and(|error| error.is_in_file()), "without {place}");
        if place > 0 {
            let mut moved = all.clone();
            moved.swap(place - 1, place);
            assert!(open(&compressed(&moved)).await.is_err_and(|error| error.is_in_file()), "moved {place}");
        }
    }
    let renamed: Vec<_> = all.iter().map(|line| line.replace("\"ann\"", "\"eve\"")).collect();
    assert!(matches!(open(&compressed(&renamed)).await, Err(Error::Damaged(_))));
    for (old, new) in [("\"fieldguard_backup\":1", "\"fieldguard_backup\":2"), ("\"schema\":\"m2", "\"schema\":\"m3")] {
        let mut newer = all.clone();
        newer[0] = header.replace(old, new);
        assert!(matches!(open(&compressed(&newer)).await, Err(Error::NewerBackup(_))), "{new}");
    }
}

#[tokio::test]
async fn file_that_is_not_a_backup_is_rejected() {
    for bytes in
        [&b""[..], b"SQLite format 3\0", b"{}\n", &compressed(&["{}".into()])[..], &compressed(&["[1]".into()])[..]]
    {
        assert!(matches!(open(bytes).await, Err(Error::NotABackup)), "{bytes:?}");
    }
    assert!(matches!(Backup::open(Path::new("/does/not/exist")).await, Err(Error::Io(_))));
}

#[tokio::test]
async fn non_empty_target_is_replaced_only_on_request() {
    let (database, _) = small_backup().await;
    let path = database.directory.path().join("a.backup");
    for to in kinds().await {
        let target = migrated(&to).await;
        fill(&target, &to.url).await;
        let before = dump(&to.url).await;
        assert!(matches!(restore(&target, &path, false).await, Err(Error::NotEmpty(_))));
        let source = connect(&database).await;
        assert!(matches!(backup::copy(&source, &target, |_, _| {}).await, Err(Error::NotEmpty(_))));
        source.close().await;
        assert_eq!(dump(&to.url).await, before);
        restore(&target, &path, true).await.unwrap();
        target.close().await;
        let found = dump(&to.url).await;
        assert_eq!((found["accounts"].len(), found["sessions"].len(), found["roles"].len()), (1, 0, 2));
    }
}

#[tokio::test]
async fn database_without_schema_or_with_a_newer_one_is_not_saved() {
    for database in kinds().await {
        let store = connect(&database).await;
        let failed = backup::save(&store, Vec::new(), super::now(), |_, _| {}).await;
        assert!(matches!(failed, Err(Error::NoSchema)), "{failed:?}");
        store.migrate().await.unwrap();
        let connection = Connection::connect(&database.url).await.unwrap();
        let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
        connection.execute_unprepared(later).await.unwrap();
        connection.close().await.unwrap();
        let failed = backup::save(&store, Vec::new(), super::now(), |_, _| {}).await;
        assert!(matches!(failed, Err(Error::Store(fieldguard::store::Error::Newer))), "{failed:?}");
        store.close().await;
    }
}

/// PostgreSQL can't store NUL, so the restore fails in the middle.
#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn failed_restore_changes_nothing() {
    let Some(to) = Database::postgres().await else { return };
    let from = Database::sqlite();
    let source = migrated(&from).await;
    fill(&source, &from.url).await;
    let connection = Connection::connect(&from.url).await.unwrap();
    let sql = "UPDATE security_events SET user_agent = 'a' || char(0)";
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
    let path = save(&source, &from, "a.backup").await;
    let target = migrated(&to).await;
    add(&target, "kept", &[USER]).await;
    let before = dump(&to.url).await;
    assert!(matches!(restore(&target, &path, true).await, Err(Error::Store(_))));
    assert_eq!(dump(&to.url).await, before);
    target.close().await;
    source.close().await;
}
