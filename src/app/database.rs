//! Opens the database of the settings, and watches its files while a server runs on them.

use std::{convert::Infallible, future::pending, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use super::Error;
use crate::{
    config::Config,
    store::{
        self, Location, Store,
        presence::{self, Presence},
    },
};

/// How often the files are looked at. `/readyz` and writes look by themselves; this is for the log.
const EVERY: Duration = Duration::from_millis(500);

/// What to do where there is no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Create it.
    Create,
    /// Say so, and where it was looked for.
    Refuse,
}

/// The database of these settings, brought up to date.
pub(super) async fn open(config: &Config, missing: Missing) -> Result<Store, Error> {
    let location = config.database();
    let store = connect(config, &location, missing).await?;
    store.migrate().await.map_err(|error| Error::Database(location.cannot_open(&error)))?;
    Ok(store)
}

/// A database as it is, with the limits of these settings.
pub(super) async fn connect(config: &Config, location: &Location, missing: Missing) -> Result<Store, Error> {
    let settings = store::Settings {
        location: location.clone(),
        max_connections: config.database_max_connections,
        // The caller must hear of it before the operation runs out of its time.
        deadline: config.limits.database.min(config.limits.execution / 2),
    };
    let connected = match missing {
        Missing::Create => Store::connect(&settings).await,
        Missing::Refuse => Store::connect_existing(&settings).await,
    };
    connected.map_err(|error| Error::Database(location.cannot_open(&error)))
}

/// Refuses where a server runs on the database, in words for the operator.
pub(super) fn refuse_second_server(location: &Location) -> Result<(), Error> {
    match (presence::running_server(location), location.path()) {
        (Some(server), Some(path)) => Err(presence::Error::Taken { database: path.to_owned(), server }.into()),
        _ => Ok(()),
    }
}

/// Logs when a file of the SQLite database is no longer at its path, and when it is back; keeps the lock that tells other
/// processes of this server. Does so for as long as it is polled.
pub(super) async fn watch_database(store: &Store, presence: Option<&mut Presence>) -> Infallible {
    // On PostgreSQL, and in memory, there is no file.
    let Some(presence) = presence else { return pending().await };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut is_displaced, mut is_unlocked) = (false, false);
    loop {
        ticks.tick().await;
        let displacement = store.displacement();
        match (&displacement, is_displaced) {
            (Some(what), false) => tracing::error!(
                "{what}; writes are refused. Put the same file back, or stop the server and restore a backup: what was \
                 written to the file is lost when the server stops"
            ),
            (None, true) => tracing::info!("the files of the database are back; writes are accepted"),
            _ => {}
        }
        is_displaced = displacement.is_some();
        // Without its directory the lock cannot be held, and the operator knows already.
        let lock = if is_displaced { Ok(()) } else { presence.renew() };
        if let (Err(reason), false) = (&lock, is_unlocked) {
            tracing::error!("the lock that keeps a second server from starting is lost: {reason}");
        }
        is_unlocked = lock.is_err();
    }
}
