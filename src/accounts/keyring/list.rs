//! Lists the keys and what each may do.

use chrono::{DateTime, Utc};

use super::{Error, Keyring, Source};
use crate::{
    auth::keys::file,
    store::{self, signing_keys::SigningKey},
};

/// A key as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name in token headers.
    pub kid: String,
    /// Its algorithm.
    pub algorithm: String,
    /// When it was made, or its file was last written; nothing for a secret of the settings.
    pub created_at: Option<DateTime<Utc>>,
    /// What it may do.
    pub state: State,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It signs and verifies.
    Signing,
    /// It verifies until then.
    Verifying(DateTime<Utc>),
    /// It verifies no longer, since then.
    Retired(DateTime<Utc>),
}

impl Keyring {
    /// The keys: the one that signs, then the newest first. With a secret of the settings there is only the one; with a file that
    /// no server has loaded yet, the one that was loaded before signs too.
    ///
    /// # Errors
    ///
    /// [`Error`] where the key of the settings cannot be read, or the database fails.
    pub async fn list(&self, now: DateTime<Utc>) -> Result<Vec<Listed>, Error> {
        if let Source::Made(_) = self.source {
            let mut rows = store::signing_keys::all(&self.store).await?;
            if rows.is_empty() {
                self.load(now).await?;
                rows = store::signing_keys::all(&self.store).await?;
            }
            rows.sort_by_key(|row| !row.signs());
            return Ok(rows.into_iter().map(|row| listed(row, now)).collect());
        }
        let keys = self.load(now).await?;
        let (created_at, rows) = match &self.source {
            Source::File(_, path) => (Some(file::changed_at(path)?), store::signing_keys::all(&self.store).await?),
            _ => (None, Vec::new()),
        };
        let signing = keys.verifiers(now).take(1).map(|key| Listed {
            kid: key.kid().to_owned(),
            algorithm: key.algorithm().name().to_owned(),
            created_at,
            state: State::Signing,
        });
        let others = rows.into_iter().filter(|row| row.kid != keys.signing_kid()).map(|row| listed(row, now));
        Ok(signing.chain(others).collect())
    }
}

fn listed(row: SigningKey, now: DateTime<Utc>) -> Listed {
    let state = match (row.retired_at, row.verifies_until) {
        (None, None) => State::Signing,
        (None, Some(until)) if now < until => State::Verifying(until),
        (Some(at), Some(until)) => State::Retired(at.min(until)),
        (Some(at), None) | (None, Some(at)) => State::Retired(at),
    };
    Listed { kid: row.kid, algorithm: row.algorithm, created_at: Some(row.created_at), state }
}
