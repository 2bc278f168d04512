//! `fieldguard issuer …`: the arguments for the issuer of access tokens.

use clap::Subcommand;

/// Commands for the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Issuer {
    /// Print the stored issuer.
    Show,
    /// Change the stored issuer when the deployment moves to another address.
    ///
    /// Stop every server, change the issuer, set `public_url` (or `token.issuer`) to the same value, and start the
    /// servers. Access tokens issued before are refused, and clients refresh them. Services that verify tokens need the
    /// new value.
    Set {
        /// The new issuer, such as `https://id.example.org`.
        #[arg(value_name = "URL")]
        issuer: String,
    },
}
