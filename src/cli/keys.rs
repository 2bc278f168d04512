//! `fieldguard keys …`: what may be typed of the keys that sign access tokens.

use clap::Subcommand;

use super::ListFormat;

/// What can be done with keys.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Keys {
    /// List the keys: which one signs, until when the former ones verify, which are retired.
    List {
        /// How to print them.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Make another key and let it sign.
    ///
    /// The key before it verifies until its last token has expired; nobody is signed out. Servers that run notice within a
    /// second, or at once at SIGHUP. A key of the settings is not rotated here but where it was set.
    Rotate,
    /// End a key that signed before, for instance because it leaked.
    ///
    /// Its tokens are not valid any longer; whoever has one needs another. Servers that run notice within a second, or at once
    /// at SIGHUP. The key that signs cannot be ended: rotate first.
    #[command(after_help = "Example:\n  fieldguard keys rotate && fieldguard keys retire KID")]
    Retire {
        /// The name of the key, from `keys list`.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}
