//! Output formats for people and for programs.

use clap::ValueEnum;

/// The format of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Columns, for people.
    #[default]
    Table,
    /// JSON, for programs.
    Json,
}

/// The format of the access table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AccessFormat {
    /// Columns, for people.
    #[default]
    Table,
    /// JSON, for programs.
    Json,
    /// Comma-separated values (RFC 4180), for spreadsheets.
    Csv,
}
