//! `fieldguard users …`: the arguments for accounts.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ListFormat;

/// Commands for accounts.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Users {
    /// List the accounts in the order of their creation.
    #[command(after_help = "Examples:\n  fieldguard users list --role admin\n  fieldguard users list --format json")]
    List {
        /// Only accounts with this role.
        #[arg(long, value_name = "NAME")]
        role: Option<String>,
        /// Only accounts in this state.
        #[arg(long, value_enum, value_name = "STATE")]
        state: Option<State>,
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Show an account with its roles and permissions.
    Show {
        /// The account's id or username.
        user: String,
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Disable an account: revoke its sessions and refuse sign-ins.
    ///
    /// A password reset code of the account becomes invalid. The last enabled administrator cannot be disabled.
    Disable {
        /// The account's id or username.
        user: String,
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Enable a disabled account. Its former sessions stay revoked.
    Enable {
        /// The account's id or username.
        user: String,
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Show the roles of an account, or give and take roles.
    ///
    /// All at once or not at all. The last enabled administrator keeps the role `admin`.
    #[command(
        after_help = "Examples:\n  fieldguard users roles ann\n  fieldguard users roles ann --give support --take admin"
    )]
    Roles {
        /// The account's id or username.
        user: String,
        /// A role to give. Can be repeated.
        #[arg(long, value_name = "ROLE")]
        give: Vec<String>,
        /// A role to take. Can be repeated.
        #[arg(long, value_name = "ROLE")]
        take: Vec<String>,
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Import users of another system, with their password hashes.
    ///
    /// Imports the rows that are valid, in batches, also while a server is running. Each row that is refused is
    /// reported with its line, the field and the reason, and the exit code is then 1. After an interruption, run the
    /// command again with `--on-conflict skip`: it continues where it ended.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
}

/// The arguments of `users import`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Import {
    /// The file: JSON Lines, or CSV with a header if the name ends in `.csv`. Both have the fields of the input of
    /// `importUsers`; in CSV, roles are separated by spaces.
    pub file: PathBuf,
    /// What happens to users whose id or username exists.
    #[arg(long, value_enum, value_name = "ACTION", default_value_t)]
    pub on_conflict: ImportConflict,
    /// Check every row, and import none.
    #[arg(long)]
    pub dry_run: bool,
    /// Write a line of JSON for each row that was not imported to this file, and not to standard error.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  fieldguard users import users.jsonl --dry-run
  fieldguard users import users.csv --on-conflict skip --report refused.jsonl

A row: {\"username\": \"ada\", \"email\": \"ada@example.org\", \"passwordHash\": \"$2b$12$...\", \"roles\": [\"user\"]}";

/// What happens to a user whose id or username exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ImportConflict {
    /// The row is refused.
    #[default]
    Reject,
    /// The row is left out, and the existing user stays as they are.
    Skip,
}

/// The state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// Sign-in is possible.
    Active,
    /// Disabled by an administrator.
    Disabled,
    /// The deletion is scheduled.
    DeletionScheduled,
}
