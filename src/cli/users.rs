//! `fieldguard users …`: what may be typed of accounts.

use clap::{Subcommand, ValueEnum};

use super::ListFormat;

/// What can be done with accounts.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Users {
    /// List the accounts, in the order they were made in.
    #[command(after_help = "Examples:\n  fieldguard users list --role admin\n  fieldguard users list --format json")]
    List {
        /// Only those that hold this role.
        #[arg(long, value_name = "NAME")]
        role: Option<String>,
        /// Only those in this state.
        #[arg(long, value_enum, value_name = "STATE")]
        state: Option<State>,
        /// How to print them.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Show an account, with its roles and what they permit.
    Show {
        /// Its id, or the name it signs in with.
        user: String,
        /// How to print it.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Disable an account: its sessions end, and nobody signs in to it.
    ///
    /// A code that resets its password is worth nothing afterwards. The last enabled administrator cannot be disabled.
    Disable {
        /// Its id, or the name it signs in with.
        user: String,
        /// How to print what was done.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Enable an account that was disabled. Its old sessions stay ended.
    Enable {
        /// Its id, or the name it signs in with.
        user: String,
        /// How to print what was done.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Show the roles of an account, or give it some and take others away.
    ///
    /// All at once or not at all. The last enabled administrator stays one.
    #[command(
        after_help = "Examples:\n  fieldguard users roles ann\n  fieldguard users roles ann --give support --take admin"
    )]
    Roles {
        /// Its id, or the name it signs in with.
        user: String,
        /// A role to give; can be repeated.
        #[arg(long, value_name = "ROLE")]
        give: Vec<String>,
        /// A role to take away; can be repeated.
        #[arg(long, value_name = "ROLE")]
        take: Vec<String>,
        /// How to print them.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
}

/// The state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// It can be signed in to.
    Active,
    /// It was disabled.
    Disabled,
    /// Its deletion is scheduled.
    DeletionScheduled,
}
