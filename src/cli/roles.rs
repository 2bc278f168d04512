//! `fieldguard roles …`: the arguments for roles.

use clap::Subcommand;

use super::ListFormat;

/// Commands for roles.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Roles {
    /// List the roles, by name.
    List {
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Show a role with its permissions.
    Show {
        /// The role's name.
        name: String,
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
}
