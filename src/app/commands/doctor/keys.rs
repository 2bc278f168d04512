//! The key that signs access tokens.

use super::Finding;
use crate::{
    accounts::{
        clock::Clock,
        keyring::{self, Signing},
    },
    app::{Error, keys},
    config::Config,
    store::Store,
};

const CHECK: &str = "signing key";

/// The finding, and the id of the key.
pub(super) async fn check(config: &Config, store: &Store) -> (Finding, Option<String>) {
    if let Err(problem) = keys::check(config) {
        return (Finding::problem(CHECK, problem.to_string()), None);
    }
    match signing(config, store).await {
        Err(error) => (Finding::problem(CHECK, fieldguard_guard::cause::chain(&error)), None),
        Ok(None) => (Finding::ok(CHECK, "there is none yet; the first start creates it"), None),
        Ok(Some(key)) if !key.can_sign => {
            let text = format!("the private half of {} is missing; the next start signs with a new key", key.kid);
            (Finding::problem(CHECK, text), Some(key.kid))
        }
        Ok(Some(key)) => {
            let since = key.created_at.map(|at| format!(", created on {}", at.date_naive())).unwrap_or_default();
            (Finding::ok(CHECK, format!("{}{since}", key.kid)), Some(key.kid))
        }
    }
}

async fn signing(config: &Config, store: &Store) -> Result<Option<Signing>, Error> {
    let keyring = keys::keyring(config, store, Clock::System)?;
    keyring.signing().await.map_err(|error: keyring::Error| keys::startup_error(config, error))
}
