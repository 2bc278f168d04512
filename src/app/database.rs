//! Opens the configured database, and watches its files while a server runs.

use std::{convert::Infallible, future::pending, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use super::{Error, parts};
use crate::{
    config::{Config, DatabasePooling},
    domain::overview::DatabaseType,
    store::{
        self, Location, Pooling, Store,
        presence::{self, Presence},
    },
    telemetry::security,
};

/// How often the files are checked, for the log. `/readyz` and writes check by themselves.
const INTERVAL: Duration = Duration::from_millis(500);

/// What to do if there is no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Create it.
    Create,
    /// Return an error that names the path.
    Refuse,
}

/// Opens the configured database and migrates it.
pub(super) async fn open(config: &Config, missing: Missing) -> Result<Store, Error> {
    let location = config.database();
    let store = connect(config, &location, missing).await?;
    store.migrate().await.map_err(|error| Error::Database(location.cannot_open(&error)))?;
    Ok(store)
}

/// Connects to a database without migrating it, with the configured limits.
pub(super) async fn connect(config: &Config, location: &Location, missing: Missing) -> Result<Store, Error> {
    // Here, because commands that only look at a deployment must not create the file.
    security::start(&config.log.security).map_err(Error::SecurityLog)?;
    let settings = settings(config, location);
    let connected = match missing {
        Missing::Create => Store::connect(&settings).await,
        Missing::Refuse => Store::connect_existing(&settings).await,
    };
    let store = connected.map_err(|error| Error::Database(location.cannot_open(&error)))?;
    let store = match parts::recorded_events(config) {
        Some(types) => store.recording(types),
        None => store,
    };
    if security::is_on() {
        store.observe_audit(|entry| security::write(&security::of_entry(entry)));
    }
    Ok(store)
}

fn settings(config: &Config, location: &Location) -> store::Settings {
    store::Settings {
        location: location.clone(),
        pooling: match config.database_pooling {
            DatabasePooling::Session => Pooling::Session,
            DatabasePooling::Transaction => Pooling::Transaction,
        },
        max_connections: config.database_max_connections,
        // The caller must get this error before the operation reaches its own deadline.
        deadline: config.limits.database.min(config.limits.documents.execution / 2),
    }
}

/// What a look at the database found.
pub(super) struct Inspection {
    /// The type, the version and, of PostgreSQL, the encoding and the pooler.
    pub(super) server: String,
    /// The migrations that the next start applies, in their order.
    pub(super) pending: Vec<String>,
}

/// Looks at the configured database, without changing it. `None` if there is none yet.
///
/// # Errors
///
/// [`Error::Database`] if a start could not use it.
pub(super) async fn inspect(config: &Config) -> Result<Option<Inspection>, Error> {
    match connect_if_present(config).await? {
        None => Ok(None),
        Some(store) => {
            let inspected = inspect_store(config, &store).await;
            store.close().await;
            inspected.map(Some)
        }
    }
}

/// Connects to the configured database. `None` if there is none yet: no file, or no table.
pub(super) async fn connect_if_present(config: &Config) -> Result<Option<Store>, Error> {
    let location = config.database();
    match Store::connect_existing(&settings(config, &location)).await {
        Ok(store) => Ok(Some(store)),
        Err(store::Error::Missing) => Ok(None),
        Err(error) => Err(Error::Database(location.cannot_open(&error))),
    }
}

/// Looks at an open database.
///
/// # Errors
///
/// As [`inspect`].
pub(super) async fn inspect_store(config: &Config, store: &Store) -> Result<Inspection, Error> {
    let failed = |error| Error::Database(config.database().cannot_use(&error));
    let version = store.version().await.map_err(failed)?;
    let server = match (store.kind(), config.database_pooling) {
        (DatabaseType::Sqlite, _) => format!("SQLite {version}"),
        (_, DatabasePooling::Session) => {
            format!("PostgreSQL {version} with the encoding UTF8, without a pooler in transaction mode")
        }
        (_, DatabasePooling::Transaction) => {
            format!("PostgreSQL {version} with the encoding UTF8, used as behind a pooler in transaction mode")
        }
    };
    let pending = store.pending_migrations().await.map_err(failed)?;
    Ok(Inspection { server, pending })
}

/// Returns an error if a server is running on the database.
pub(super) fn refuse_second_server(location: &Location) -> Result<(), Error> {
    match (presence::running_server(location), location.path()) {
        (Some(server), Some(path)) => Err(presence::Error::Taken { database: path.to_owned(), server }.into()),
        _ => Ok(()),
    }
}

/// Logs when a file of the SQLite database is moved away and when it is back, and renews the lock that tells other
/// processes of this server. Runs until it is dropped.
pub(super) async fn watch_database(store: &Store, presence: Option<&mut Presence>) -> Infallible {
    // PostgreSQL and in-memory databases have no file.
    let Some(presence) = presence else { return pending().await };
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut is_displaced, mut is_unlocked) = (false, false);
    loop {
        ticks.tick().await;
        let displacement = store.displacement();
        match (&displacement, is_displaced) {
            (Some(what), false) => tracing::error!(
                "{what}; writes are refused. Put the same file back, or stop the server and restore a backup: changes \
 written to the file are lost when the server stops"
            ),
            (None, true) => tracing::info!("the database files are back; writes are accepted"),
            _ => {}
        }
        is_displaced = displacement.is_some();
        // Without its directory the lock cannot be held, and the operator has been told already.
        let lock = if is_displaced { Ok(()) } else { presence.renew() };
        if let (Err(reason), false) = (&lock, is_unlocked) {
            tracing::error!("lost the lock that keeps a second server from starting: {reason}");
        }
        is_unlocked = lock.is_err();
    }
}
