//! `fieldguard roles …`: what may be typed of roles.

use clap::Subcommand;

use super::ListFormat;

/// What can be done with roles.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Roles {
    /// List the roles, by name.
    List {
        /// How to print them.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Show a role, with what it permits.
    Show {
        /// Its name.
        name: String,
        /// How to print it.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
}
