//! `fieldguard doctor`: the arguments.

use clap::Args;

use super::ListFormat;

pub(super) const EXAMPLES: &str = "\
Examples:
  fieldguard doctor                                   ask the server at `public_url`
  fieldguard doctor --url http://127.0.0.1:4000       ask it behind the proxy
  fieldguard doctor --format json";

/// What to look at, and how to print it.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Doctor {
    /// The address of the running server. Default: `public_url`, or else the address in `listen`.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The output format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ListFormat,
}
