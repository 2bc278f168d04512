//! `fieldguard issuer …`: what may be typed of the issuer of access tokens.

use clap::Subcommand;

/// What can be done with the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Issuer {
    /// Print the issuer that the database keeps.
    Show,
    /// Change the issuer that the database keeps, when the deployment moves to another address.
    ///
    /// Stop every server, change the issuer, set `public_url` (or `token.issuer`) to the same value, and start the servers.
    /// Access tokens that were issued before are refused; clients refresh them. Services that verify tokens need the new value.
    Set {
        /// The new issuer, such as `https://id.example.org`.
        #[arg(value_name = "URL")]
        issuer: String,
    },
}
