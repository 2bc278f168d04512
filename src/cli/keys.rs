//! `fieldguard keys …`: the arguments for the keys that sign access tokens.

use clap::Subcommand;

use super::ListFormat;

/// Commands for keys.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Keys {
    /// List the keys: which one signs, which one will, how long former keys verify, and which are retired.
    List {
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Generate a key that signs two seconds later.
    ///
    /// The key is published first, so that every server accepts its tokens before one exists. The former key signs
    /// until then and verifies until its last token has expired. No user is signed out. A configured key is rotated in
    /// the configuration.
    Rotate {
        /// Sign with the new key at once, after a leak.
        ///
        /// You can then retire the former key at once. Other servers sign with it for up to half a second more, and
        /// those tokens are refused once it is retired. A key that is published and does not sign yet will never sign.
        #[arg(long)]
        now: bool,
    },
    /// Retire a key that no longer signs, for instance after a leak.
    ///
    /// Its tokens are refused from then on; clients refresh them or sign in again. Running servers notice within a
    /// second, or at once at SIGHUP. The signing key cannot be retired; rotate first.
    #[command(after_help = "Example:\n  fieldguard keys rotate --now && fieldguard keys retire KID")]
    Retire {
        /// The id of the key, from `keys list`.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}
