//! `fieldguard backup`, `restore` and `copy`: their arguments.

use std::{fmt, path::PathBuf};

use clap::{Args, ValueHint};
use zeroize::Zeroizing;

pub(super) const BACKUP_EXAMPLES: &str = "\
Examples:
  fieldguard backup /var/backups/fieldguard-$(date +%F).backup
  fieldguard backup --replace latest.backup";

pub(super) const RESTORE_EXAMPLES: &str = "\
Examples:
  fieldguard restore latest.backup                     into a database that is empty or does not exist yet
  fieldguard restore --replace latest.backup           delete what is in the database first
  fieldguard --data-dir /srv/try restore latest.backup && fieldguard --data-dir /srv/try audit verify";

pub(super) const COPY_EXAMPLES: &str = "\
Examples:
  fieldguard copy --from sqlite:data/fieldguard.db --to postgres://fieldguard@db.example.org/fieldguard
  fieldguard copy --from postgres://fieldguard@db.example.org/fieldguard --to sqlite:data/fieldguard.db

Leave the password out of the URL, because other users of the machine may see it. Set PGPASSWORD or use ~/.pgpass.";

/// The file to save to.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Backup {
    /// The file to create. Only you can read it.
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub replace: bool,
}

/// The file to restore.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Restore {
    /// The file that `fieldguard backup` created.
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Delete everything in the database first.
    #[arg(long)]
    pub replace: bool,
}

/// The databases to copy from and to.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Copy {
    /// The database to read: `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
    #[arg(long, value_name = "URL")]
    pub from: Url,
    /// The database to write, which must be empty.
    #[arg(long, value_name = "URL")]
    pub to: Url,
}

/// The URL of a database as it was typed. It may contain a password, so it is not printed. It is not checked here,
/// because command-line errors repeat the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(Zeroizing<String>);

impl Url {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Url {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Url(…)")
    }
}
