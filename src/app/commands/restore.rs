//! `fieldguard restore FILE`: replaces the content of the database with a backup.

use super::{backup::shown, interruptible, output};
use crate::{
    accounts::clock::Clock,
    app::{
        Error,
        database::{self, Missing, refuse_second_server},
    },
    cli::Restore,
    config::Config,
    domain::{
        audit::{Action, Actor, Entry, Verdict},
        session::Client,
    },
    store::{
        backup::{self, Backup},
        presence,
    },
};

pub(super) async fn run(config: &Config, command: Restore) -> Result<(), Error> {
    interruptible(Box::pin(restore(config, &command))).await
}

async fn restore(config: &Config, Restore { file, replace }: &Restore) -> Result<(), Error> {
    let failed = |error| match error {
        backup::Error::NotEmpty(table) => Error::TargetNotEmpty(config.database_label(), table),
        other => Error::Restore(shown(file), other),
    };
    let backup = Backup::open(file).await.map_err(failed)?;
    let location = config.database();
    refuse_second_server(&location)?;
    let store = database::connect(config, &location, Missing::Create).await?;
    // Held until the end, so that a concurrent restore or a server that starts meanwhile is refused.
    let _presence = presence::acquire(&location).await?;

    let (made, now) = (output::time(backup.created_at()), Clock::System.now());
    let entry = Entry::new(Action::DatabaseRestored, Actor::Operator, &Client::default(), now);
    let entry = entry.because(format!("backup of {made}"));
    let summary = backup.restore(&store, *replace, entry, output::progress).await.map_err(failed)?;
    store.close().await;
    note_broken_audit_log(summary.audit.as_ref());
    output::print(&format!(
        "Restored {} accounts ({} rows) from {}, created {made}.\n\
 Every session, personal access token and password reset code is revoked; the server creates a new signing key when \
 it starts.\n",
        summary.rows("accounts"),
        summary.total(),
        shown(file)
    ))
}

/// Notes if the audit log does not verify. It did not verify before either, since the copied rows were compared.
pub(super) fn note_broken_audit_log(verdict: Option<&Verdict>) {
    if let Some(Verdict::Broken { number, fault }) = verdict {
        output::note(&format!("the audit log was already broken in the source: event {number} {fault}"));
    }
}
