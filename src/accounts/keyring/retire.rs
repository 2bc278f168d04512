//! Retires a key, for instance because it leaked: from then on none of its tokens is valid.

use chrono::{DateTime, Utc};

use super::{Error, Keyring, rotate::forget};
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
    /// [`Error::Signs`], [`Error::Retired`] or [`Error::Unknown`] where it is not such a key, [`Error::Configured`] where keys
    /// come from the settings.
    pub async fn retire(&self, kid: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let directory = self.made()?;
        let tx = self.store.write().await?;
        if store::signing_keys::retire(&tx, kid, now).await? {
            tx.note(by_operator(Action::KeyRetired, now).on(Target::new(TargetKind::Key, kid)));
            tx.commit().await?;
            forget(directory, kid);
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
