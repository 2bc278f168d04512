//! How answers are printed: for people, or for programs.

use clap::ValueEnum;

/// How a list is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Columns, for people.
    #[default]
    Table,
    /// JSON, for programs.
    Json,
}

/// How the access table is printed.
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
