//! Retires a key, for instance after a leak. All its tokens become invalid at once.

use super::{Error, Keyring, Source, rotate::forget};
use crate::audit::by_operator;
use fieldguard_domain::audit::{Action, Target, TargetKind};
use fieldguard_store::{
    self as store,
    signing_keys::{SigningKey, signing_order},
};

impl Keyring {
    /// Retires a key that no longer signs.
    ///
    /// # Errors
    ///
    /// [`Error::Signs`], [`Error::SignsUntil`], [`Error::WillSign`], [`Error::Retired`] or [`Error::Unknown`] if the
    /// key cannot be retired, [`Error::Configured`] if tokens are signed with a configured secret.
    pub async fn retire(&self, kid: &str) -> Result<(), Error> {
        if let Source::Secret(_) = self.source {
            self.made()?;
        }
        let tx = self.store.write().await?;
        let rows = store::signing_keys::locked(&tx).await?;
        let now = self.now_in(&tx).await?;
        refuse(kid, &rows, &signing_order(&rows, now))?;
        store::signing_keys::retire(&tx, kid, now).await?;
        tx.note(by_operator(Action::KeyRetired, self.clock.now()).on(Target::new(TargetKind::Key, kid)));
        tx.commit().await?;
        if let Source::Made(directory) = &self.source {
            forget(directory, &[kid]);
        }
        Ok(())
    }
}

/// Refuses a key that is unknown, retired, or in `order`, the keys that sign or will sign.
fn refuse(kid: &str, rows: &[SigningKey], order: &[&SigningKey]) -> Result<(), Error> {
    let row = rows.iter().find(|row| row.kid == kid).ok_or_else(|| Error::Unknown(kid.escape_debug().to_string()))?;
    if row.retired_at.is_some() {
        return Err(Error::Retired);
    }
    match (order.iter().position(|row| row.kid == kid), row.signs_from) {
        (None, _) => Ok(()),
        (Some(0), _) => Err(order.get(1).and_then(|next| next.signs_from).map_or(Error::Signs, Error::SignsUntil)),
        (Some(_), from) => Err(from.map_or(Error::Signs, Error::WillSign)),
    }
}
