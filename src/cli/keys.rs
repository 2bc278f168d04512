//! `fieldguard keys …`: what may be typed of the keys that sign access tokens.

use clap::Subcommand;

use super::ListFormat;

/// What can be done with keys.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Keys {
    /// List the keys: which one signs, which will, until when former ones verify, which are retired.
    List {
        /// How to print them.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Generate another key and let it sign two seconds later.
    ///
    /// It is published first, so that every server accepts its tokens before one exists. The key before it signs until then
    /// and verifies until its last token has expired; no user is signed out. A key of the settings is rotated where it was
    /// set.
    Rotate {
        /// Let it sign at once, after a leak.
        ///
        /// The key before it can then be retired at once. Other servers sign with it for up to half a second more, and such tokens
        /// are refused once it is retired. A key that was published and does not sign yet never signs.
        #[arg(long)]
        now: bool,
    },
    /// Retire a key that signs no more, for instance because it leaked.
    ///
    /// Its tokens are refused from then on: clients refresh them or sign in again. Running servers notice within a second, or
    /// at once at SIGHUP. A key that signs cannot be retired: rotate first.
    #[command(after_help = "Example:\n  fieldguard keys rotate --now && fieldguard keys retire KID")]
    Retire {
        /// The name of the key, from `keys list`.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}
