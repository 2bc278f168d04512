//! `fieldguard users …`: the arguments for accounts.

use clap::{Subcommand, ValueEnum};

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
