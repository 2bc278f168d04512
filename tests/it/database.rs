//! Databases for tests: SQLite always, and PostgreSQL if `FIELDGUARD_TEST_POSTGRES_URL` names a server on which
//! databases can be created. Every test has a database of its own, which is deleted afterwards. `#[on_each_database]`
//! creates a test for each kind. Without a PostgreSQL server, its tests are listed as ignored.

use std::{path::Path, pin::Pin};

use chrono::DateTime;
use fieldguard::domain::id::{RoleId, UserId};
use sea_orm::{ConnectionTrait, Database as Connection};
use tempfile::TempDir;

use crate::template;

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

tokio::task_local! {
    /// The only kind of database that the running test uses.
    static ONLY: Kind;
}

/// Runs a test on this kind of database only.
pub async fn on(kind: Kind, test: Pin<Box<impl Future>>) {
    ONLY.scope(kind, test).await;
}

/// Whether the running test uses this kind. A test without `on_each_database` uses all.
pub fn includes(kind: Kind) -> bool {
    ONLY.try_with(|only| *only == kind).unwrap_or(true)
}

/// An empty database for one test.
pub struct Database {
    /// The URL, as the setting `database_url` takes it.
    pub url: String,
    /// A directory for files beside the database.
    pub directory: TempDir,
    server: Option<(String, String)>,
}

impl Database {
    /// An SQLite database, in a directory that does not exist yet.
    pub fn sqlite() -> Self {
        Self::sqlite_in(tempfile::tempdir().unwrap())
    }

    /// An SQLite database, in a directory inside of `directory` that does not exist yet.
    pub fn sqlite_in(directory: TempDir) -> Self {
        let url = format!("sqlite://{}/data/fieldguard.db", directory.path().display());
        Self { url, directory, server: None }
    }

    /// A PostgreSQL database, if the environment names a server and the test does not use SQLite only.
    pub async fn postgres() -> Option<Self> {
        Self::made(async |server, name| execute(server, &format!("CREATE DATABASE {name}")).await).await
    }

    /// A migrated PostgreSQL database, under the same conditions as [`Database::postgres`].
    pub async fn current_postgres() -> Option<Self> {
        Self::made(template::copy).await
    }

    async fn made(make: impl AsyncFn(&str, &str)) -> Option<Self> {
        if !includes(Kind::Postgres) {
            return None;
        }
        let Some(server) = server() else {
            assert!(ONLY.try_get().is_err(), "FIELDGUARD_TEST_POSTGRES_URL is not set");
            return None;
        };
        let name = format!("fieldguard_test_{}", UserId::new(DateTime::UNIX_EPOCH).uuid().simple());
        make(&server, &name).await;
        Some(Self::on(server, name))
    }

    /// A copy of the database and its files. No connection to the database may be open.
    pub async fn copy(&self) -> Self {
        let copy = match &self.server {
            None => Self::sqlite(),
            Some((server, name)) => {
                let copy = format!("{name}_copy");
                execute(server, &format!("CREATE DATABASE {copy} TEMPLATE {name}")).await;
                Self::on(server.clone(), copy)
            }
        };
        copy_files(&self.directory.path().join("data"), &copy.directory.path().join("data"));
        copy
    }

    /// Closes every connection and refuses new ones, like a server that has stopped. PostgreSQL only.
    pub async fn close_to_connections(&self) {
        let (server, name) = self.server.as_ref().unwrap();
        execute(server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
        let end = format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'");
        execute(server, &end).await;
    }

    /// Accepts connections again.
    pub async fn open_to_connections(&self) {
        let (server, name) = self.server.as_ref().unwrap();
        execute(server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    }

    fn on(server: String, name: String) -> Self {
        let url = at(&server, &name);
        Self { url, directory: tempfile::tempdir().unwrap(), server: Some((server, name)) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((server, name)) = self.server.take() else { return };
        // A thread of its own: a runtime cannot be entered from within another.
        let drop = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")));
        };
        std::thread::spawn(drop).join().unwrap();
    }
}

/// Runs the test on each database.
pub async fn each(test: impl AsyncFn(&Database)) {
    if includes(Kind::Sqlite) {
        test(&Database::sqlite()).await;
    }
    if let Some(database) = Database::postgres().await {
        test(&database).await;
    }
}

/// Runs the test on each database, by value.
pub async fn each_owned(test: impl AsyncFn(Database)) {
    if includes(Kind::Sqlite) {
        test(Database::sqlite()).await;
    }
    if let Some(database) = Database::postgres().await {
        test(database).await;
    }
}

fn copy_files(from: &Path, to: &Path) {
    // On PostgreSQL there are no files.
    let Ok(entries) = std::fs::read_dir(from) else { return };
    std::fs::create_dir_all(to).unwrap();
    for entry in entries {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy_files(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

/// Adds a role with these permissions to a migrated database.
pub async fn add_role(url: &str, name: &str, description: &str, permissions: &[&str]) {
    let id = RoleId::new(DateTime::UNIX_EPOCH).uuid();
    let id = if url.starts_with("sqlite") { format!("X'{}'", id.simple()) } else { format!("'{id}'") };
    let role = format!("INSERT INTO roles (id, name, description) VALUES ({id}, '{name}', '{description}')");
    let grant =
        |permission: &&str| format!("INSERT INTO role_permissions (role_id, permission) VALUES ({id}, '{permission}')");
    let connection = Connection::connect(url).await.unwrap();
    for sql in std::iter::once(role).chain(permissions.iter().map(grant)) {
        connection.execute_unprepared(&sql).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// The URL of the database `name` on the server.
pub fn at(server: &str, name: &str) -> String {
    let (before, after) = server.rsplit_once('/').expect("a server's URL names a database");
    let parameters = after.split_once('?').map_or(String::new(), |(_, parameters)| format!("?{parameters}"));
    format!("{before}/{name}{parameters}")
}

/// Runs SQL on the server, in the database that its URL names.
pub async fn execute(server: &str, sql: &str) {
    let connection = Connection::connect(server).await.expect("the server of FIELDGUARD_TEST_POSTGRES_URL answers");
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the variable is for tests, not a setting")]
fn server() -> Option<String> {
    std::env::var("FIELDGUARD_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())
}
