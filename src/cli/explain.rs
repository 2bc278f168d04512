//! `fieldguard explain …`: what can be typed.

use clap::Args;

use super::ListFormat;

pub(super) const EXAMPLES: &str = "\
Examples:
  fieldguard explain --as user 'src/**/*.graphql'         lists what the role `user` is denied
  fieldguard explain --as anonymous login.graphql         for callers who are not signed in
  fieldguard explain --as user --format json queries/*.graphql

An operation can use fragments from any of the files. Fields that depend on the owner of a value are not listed: the owner can
read them.

Exit codes: 0 nothing is denied, 1 something is denied, 2 a file or a document is wrong.";

/// Which documents to explain, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Explain {
    /// The role of the caller; `anonymous` is a caller who is not signed in.
    #[arg(long = "as", value_name = "ROLE")]
    pub role: String,
    /// The format of the output.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ListFormat,
    /// The files with operations and fragments. `*`, `?`, `[…]` and `**` match names.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,
}
