//! `fieldguard copy --from URL --to URL`: copies the database to another one.

use super::{interruptible, output, restore::note_broken_audit_log};
use crate::{
    accounts::{clock::Clock, keyring::PrivateKey},
    app::{
        Error,
        database::{self, Missing, refuse_second_server},
        keys::keyring,
    },
    auth::keys::directory::Directory,
    cli::{self, Copy},
    config::{Config, DatabaseUrl, Problem},
    domain::audit::Verdict,
    store::{backup, presence},
};

pub(super) async fn run(config: &Config, command: Copy) -> Result<(), Error> {
    let (from, to) = (url("--from", &command.from)?, url("--to", &command.to)?);
    interruptible(Box::pin(copy(config, &from, &to))).await
}

fn url(argument: &'static str, url: &cli::Url) -> Result<DatabaseUrl, Error> {
    url.expose().parse().map_err(|problem: Problem| Error::Argument(argument, problem.to_string()))
}

async fn copy(config: &Config, from: &DatabaseUrl, to: &DatabaseUrl) -> Result<(), Error> {
    let (from, to) = (from.location(), to.location());
    refuse_second_server(to)?;
    if presence::running_server(from).is_some() {
        output::note("a server is running on the source; its changes from now on are not copied");
    }
    let source = database::connect(config, from, Missing::Refuse).await?;
    let target = database::connect(config, to, Missing::Create).await?;
    let _presence = presence::acquire(to).await?;

    let copied = backup::copy(&source, &target, output::progress).await.map_err(Error::Copy)?;
    let beside = |location| backup::directory(location).map(Directory::new);
    let sources: Vec<_> = beside(from).into_iter().chain([Directory::new(config.data_dir.clone())]).collect();
    let private = keyring(config, &target, Clock::System)?
        .copy_private_keys(&copied, &sources, beside(to).as_ref(), Clock::System.now())
        .await?;
    let summary = copied.summary().clone();
    copied.commit().await.map_err(Error::Copy)?;
    source.close().await;
    target.close().await;

    if let PrivateKey::Missing(kid) = private {
        output::note(&format!(
            "the private half of the signing key {kid} was not found; the server creates another key when it starts, and \
 current access tokens stay valid until they expire"
        ));
    }
    note_broken_audit_log(summary.audit.as_ref());
    output::print(&report(&summary))
}

fn report(summary: &backup::Summary) -> String {
    let copied = format!(
        "Copied {} rows of {} tables; row counts and contents are equal on both sides.\n",
        summary.total(),
        summary.tables.len()
    );
    match &summary.audit {
        Some(Verdict::Whole { rows, last, hash }) => {
            format!("{copied}The audit log is whole on both sides: {rows} events, the last is {last}:{hash}.\n")
        }
        _ => copied,
    }
}
