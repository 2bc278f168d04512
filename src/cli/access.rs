//! `fieldguard access …`: what may be typed of the access table.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::AccessFormat;

pub(super) const EXAMPLES: &str = "\
Examples:
  fieldguard access
  fieldguard access --role user --format csv > access.csv
  fieldguard access --format json > old.json
  fieldguard access diff old.json             what has become of it since
  fieldguard access diff old.json new.json && echo 'nothing widened'";

/// Which access table, and what to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Access {
    /// Only the column of this role.
    #[arg(long, value_name = "NAME", global = true)]
    pub role: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, global = true)]
    pub format: AccessFormat,
    /// What to do with it; nothing to print it.
    #[command(subcommand)]
    pub command: Option<AccessCommand>,
}

/// What else can be done with access tables.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum AccessCommand {
    /// Say what widened and what narrowed from one access table to another, field by field and role by role.
    ///
    /// The tables are files that `access --format json` wrote. DENIED is less than SELF, and SELF less than ALLOWED; a field or a
    /// role that is missing from a table is reached by nobody there. Where a rule reads differently, that is said too, since
    /// it can matter to somebody who holds none of the roles alone.
    ///
    /// Ends with 1 where anything widened, 0 where nothing did, and 2 where a table cannot be read.
    #[command(after_help = "Examples:
  fieldguard access diff old.json new.json
  git show main:access.json | fieldguard access diff -")]
    Diff {
        /// The table as it was: a file, or `-` for standard input.
        #[arg(value_hint = ValueHint::FilePath)]
        old: PathBuf,
        /// The table as it is: a file, or `-` for standard input. Default: that of this program and its database.
        #[arg(value_hint = ValueHint::FilePath)]
        new: Option<PathBuf>,
    },
}
