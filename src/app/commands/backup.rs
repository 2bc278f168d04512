//! `fieldguard backup FILE`: saves the database, whether or not a server is running.

use std::{io::ErrorKind, path::Path};

use super::{interruptible, output};
use crate::{
    accounts::clock::Clock,
    app::{
        Error,
        database::{self, Missing},
    },
    cli::Backup,
    config::Config,
    store::backup::{self, Draft},
};

pub(super) async fn run(config: &Config, command: Backup) -> Result<(), Error> {
    interruptible(Box::pin(save(config, &command))).await
}

async fn save(config: &Config, Backup { file, replace }: &Backup) -> Result<(), Error> {
    let in_file = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Error::Exists(shown(file)),
        _ => Error::Backup(shown(file), error.into()),
    };
    // First, so that an unusable file name is reported before the database is read.
    let mut draft = Draft::create(file, *replace).map_err(in_file)?;
    let store = database::connect(config, &config.database(), Missing::Refuse).await?;
    let saved = backup::save(&store, &mut draft, Clock::System.now(), output::progress).await;
    let summary = saved.map_err(|error| Error::Backup(shown(file), error))?;
    store.close().await;
    // Nothing after this can be interrupted: a published file is always reported.
    draft.publish().map_err(in_file)?;
    let (accounts, rows) = (summary.rows("accounts"), summary.total());
    output::print(&format!("Saved {accounts} accounts ({rows} rows) to {}.\n", shown(file)))
}

/// A path for messages.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().escape_debug().to_string()
}
