//! Backup, restore and copy, from each kind of database to each.

mod concurrent;
mod content;
mod copied;
mod large;
mod refused;
mod schemas;

use std::io::BufRead as _;
use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use fieldguard::{
    domain::{
        audit::{Action, Actor, Entry, Verdict},
        session::Client,
    },
    store::{
        Store,
        backup::{self, Backup, Draft, Summary},
    },
};
use flate2::read::GzDecoder;

use super::{now, settings};
use crate::database::Database;

/// One database of each kind that is available for tests.
async fn kinds() -> Vec<Database> {
    std::iter::once(Database::sqlite()).chain(Database::postgres().await).collect()
}

async fn connect(database: &Database) -> Store {
    Store::connect(&settings(database)).await.unwrap()
}

async fn migrated(database: &Database) -> Store {
    let store = connect(database).await;
    store.migrate().await.unwrap();
    store
}

fn entry() -> Entry {
    Entry::new(Action::DatabaseRestored, Actor::Operator, &Client::default(), now())
}

/// Saves a backup of the database to a new file in its directory.
async fn save(store: &Store, database: &Database, name: &str) -> PathBuf {
    let path = database.directory.path().join(name);
    let mut draft = Draft::create(&path, false).unwrap();
    backup::save(store, &mut draft, now(), |_, _| {}).await.unwrap();
    draft.publish().unwrap();
    path
}

async fn restore(store: &Store, path: &Path, replace: bool) -> Result<Summary, backup::Error> {
    Backup::open(path).await?.restore(store, replace, entry(), |_, _| {}).await
}

/// The lines of a backup after the header.
fn lines(path: &Path) -> Vec<String> {
    let lines = BufReader::new(GzDecoder::new(File::open(path).unwrap())).lines();
    lines.skip(1).map(Result::unwrap).collect()
}

#[track_caller]
fn assert_whole(verdict: Option<&Verdict>) {
    assert!(matches!(verdict, Some(Verdict::Whole { .. })), "{verdict:?}");
}
