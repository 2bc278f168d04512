//! Lists the keys and their states.

use chrono::{DateTime, Utc};

use super::{Error, Keyring, Source};
use fieldguard_auth::keys::file;
use fieldguard_store::signing_keys::{SigningKey, signing_order};

/// A key as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key id in token headers (`kid`).
    pub kid: String,
    /// The signature algorithm.
    pub algorithm: String,
    /// When it was generated, or when its file was last written. `None` for a configured secret.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether it signs or verifies.
    pub state: State,
}

/// The state of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It verifies, is published, and signs from this time on. `None` if no time is set.
    Published(Option<DateTime<Utc>>),
    /// It signs and verifies.
    Signing,
    /// It verifies until this time.
    Verifying(DateTime<Utc>),
    /// It stopped verifying at this time.
    Retired(DateTime<Utc>),
}

impl Keyring {
    /// The keys: the signing key first, then the newest first. A configured secret is the only key. If no server has
    /// loaded the configured key file yet, both the key in the file and the former key are listed as signing.
    ///
    /// # Errors
    ///
    /// [`Error`] if the configured key cannot be read, or the database fails.
    pub async fn list(&self) -> Result<Vec<Listed>, Error> {
        match &self.source {
            Source::Made(_) => self.list_rows().await,
            Source::Secret(key) => Ok(vec![signing(key.kid(), key.algorithm().name(), None)]),
            Source::File(_, path) => {
                let keys = self.load().await?;
                let mut listed = self.list_rows().await?;
                if listed.iter().all(|key| key.kid != keys.signing_kid()) {
                    let algorithm = keys.signing_key().algorithm().name();
                    listed.insert(0, signing(keys.signing_kid(), algorithm, Some(file::changed_at(path)?)));
                }
                Ok(listed)
            }
        }
    }

    async fn list_rows(&self) -> Result<Vec<Listed>, Error> {
        let (mut rows, mut now) = self.read().await?;
        if rows.is_empty() && matches!(self.source, Source::Made(_)) {
            self.load().await?;
            (rows, now) = self.read().await?;
        }
        let signing = signing_order(&rows, now).first().map(|row| row.kid.clone());
        rows.sort_by_key(|row| signing.as_ref() != Some(&row.kid));
        Ok(rows.into_iter().map(|row| listed(row, signing.as_deref(), now)).collect())
    }
}

fn signing(kid: &str, algorithm: &str, created_at: Option<DateTime<Utc>>) -> Listed {
    Listed { kid: kid.to_owned(), algorithm: algorithm.to_owned(), created_at, state: State::Signing }
}

fn listed(row: SigningKey, signing: Option<&str>, now: DateTime<Utc>) -> Listed {
    let state = match (row.retired_at, row.verifies_until) {
        (Some(at), until) => State::Retired(until.map_or(at, |until| at.min(until))),
        (None, _) if signing == Some(row.kid.as_str()) => State::Signing,
        (None, _) if row.signs_from.is_some_and(|from| now < from) => State::Published(row.signs_from),
        (None, Some(until)) if now < until => State::Verifying(until),
        (None, Some(until)) => State::Retired(until),
        (None, None) => State::Published(None),
    };
    Listed { kid: row.kid, algorithm: row.algorithm, created_at: Some(row.created_at), state }
}
