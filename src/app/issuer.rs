//! The issuer of access tokens. It belongs to the deployment, not to a server, so that all servers on one database
//! issue and accept the same tokens. The database stores it at the first start.

use super::Error;
use crate::{
    config::Config,
    store::{self, Store},
};

/// The issuer for a server with these settings. If it is not configured, the stored one is used.
///
/// # Errors
///
/// [`Error::IssuerMismatch`] if the configured issuer differs from the stored one.
pub(super) async fn of_deployment(config: &Config, store: &Store) -> Result<String, Error> {
    let configured = config.issuer();
    if configured.is_none() && !config.listens_on_loopback() {
        return Err(Error::Missing("public_url"));
    }
    let first = configured.clone().unwrap_or_else(|| config.base_url());
    let kept = store::deployment::issuer_or_store(store, &first).await?;
    match configured {
        Some(configured) if configured != kept => {
            let setting = if config.token.issuer.is_some() { "token.issuer" } else { "public_url" };
            Err(Error::IssuerMismatch { setting, configured, kept })
        }
        _ => Ok(kept),
    }
}
