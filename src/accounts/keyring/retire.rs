//! Retires a key, for instance because it leaked: from then on none of its tokens is valid.

use chrono::{DateTime, Utc};

use super::{Error, Keyring, Source, rotate::forget};
use crate::{
    accounts::audit::by_operator,
    domain::audit::{Action, Target, TargetKind},
    store,
};

impl Keyring {
    /// Ends a key that signed before.
    ///
    /// # Errors
    ///
    /// [`Error::Signs`], [`Error::Retired`] or [`Error::Unknown`] where it is not such a key, [`Error::Configured`] where
    /// tokens are signed with a secret of the settings.
    pub async fn retire(&self, kid: &str, now: DateTime<Utc>) -> Result<(), Error> {
        if let Source::Secret(_) = self.source {
            self.made()?;
        }
        let tx = self.store.write().await?;
        if store::signing_keys::retire(&tx, kid, now).await? {
            tx.note(by_operator(Action::KeyRetired, now).on(Target::new(TargetKind::Key, kid)));
            tx.commit().await?;
            if let Source::Made(directory) = &self.source {
                forget(directory, kid);
            }
            return Ok(());
        }
        drop(tx);
        match store::signing_keys::all(&self.store).await?.iter().find(|row| row.kid == kid) {
            None => Err(Error::Unknown(kid.escape_debug().to_string())),
            Some(row) if row.signs() => Err(Error::Signs),
            Some(_) => Err(Error::Retired),
        }
    }
}
