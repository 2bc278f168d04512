//! `fieldguard access …`: the arguments of the access table.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::AccessFormat;

pub(super) const EXAMPLES: &str = "\
Examples:
  fieldguard access
  fieldguard access --role user --format csv > access.csv
  fieldguard access --format json > old.json
  fieldguard access diff old.json             what has changed since
  fieldguard access diff old.json new.json && echo 'nothing widened'";

/// Print the access table, or compare two.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Access {
    /// Only the column of this role.
    #[arg(long, value_name = "NAME", global = true)]
    pub role: Option<String>,
    /// The output format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, global = true)]
    pub format: AccessFormat,
    /// The subcommand. Without one, the table is printed.
    #[command(subcommand)]
    pub command: Option<AccessCommand>,
}

/// Other uses of access tables.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum AccessCommand {
    /// Show what widened and what narrowed between two access tables, by field and role.
    ///
    /// The tables are files written by `access --format json`. DENIED is less than SELF, and SELF is less than ALLOWED.
    /// A field or role that is missing from a table counts as DENIED there. Changed rules are listed too, since they
    /// can matter to users with several roles.
    ///
    /// Exits with 1 if anything widened, 0 if nothing did, and 2 if a table cannot be read.
    #[command(after_help = "Examples:
  fieldguard access diff old.json new.json
  git show main:access.json | fieldguard access diff -")]
    Diff {
        /// The old table: a file, or `-` for standard input.
        #[arg(value_hint = ValueHint::FilePath)]
        old: PathBuf,
        /// The new table: a file, or `-` for standard input. Default: the table of this program and its database.
        #[arg(value_hint = ValueHint::FilePath)]
        new: Option<PathBuf>,
    },
}
