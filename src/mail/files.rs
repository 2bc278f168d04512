//! Writes mails to files, for a server that is used from its own machine. Only the user of the server can read them: they
//! have codes.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tokio::task::spawn_blocking;

use crate::domain::{id::MailId, mail::SendOutcome};

#[derive(Debug)]
pub(super) struct Files(PathBuf);

impl Files {
    pub(super) const fn new(directory: PathBuf) -> Self {
        Self(directory)
    }

    /// Writes the file `ID.eml`. A mail that is sent again replaces its file.
    pub(super) async fn write(&self, mail: MailId, text: Vec<u8>) -> SendOutcome {
        let path = self.0.join(format!("{mail}.eml"));
        let target = path.clone();
        let written = spawn_blocking(move || write(&target, &text)).await.map_err(io::Error::other).flatten();
        match written {
            Ok(()) => {
                tracing::info!(%mail, file = %path.display(), "no mail server is configured: a mail is in a file");
                SendOutcome::Sent
            }
            Err(error) => {
                tracing::error!(%mail, file = %path.display(), %error, "a mail could not be written");
                SendOutcome::Failed
            }
        }
    }
}

/// Writes the whole file or none.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        create_directory(directory)?;
    }
    let draft = path.with_extension("draft");
    let mut file = private().open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(draft, path)
}

fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
