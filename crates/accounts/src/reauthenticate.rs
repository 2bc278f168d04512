//! `reauthenticate`: a user proves the password again. The session is then fresh for a short while and may make
//! sensitive changes.

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    principal::Principal,
    session::Client,
    session::Session,
};
use fieldguard_store as store;

impl Accounts {
    /// Makes the caller's session fresh for [`FRESH_FOR`](fieldguard_domain::session::FRESH_FOR).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] if the password is wrong, which counts as a failed sign-in, [`Error::RateLimited`]
    /// after too many of those, [`Error::Busy`] if too many passwords are being hashed, [`Error::InvalidToken`] if the
    /// session was just revoked or there is none.
    pub async fn reauthenticate(
        &self,
        caller: &Principal,
        password: String,
        client: &Client,
    ) -> Result<(Session, Effect), Error> {
        let session = caller.session().ok_or(Error::InvalidToken)?;
        drop(self.prove(caller, password, client).await?);
        let tx = self.begin_own(caller).await?;
        let fresh = store::sessions::note_authenticated(&tx, session, self.shared_now(&tx).await?).await?;
        let fresh = fresh.ok_or(Error::InvalidToken)?;
        tx.note(self.entry(Action::Reauthenticated, Actor::caller(caller), client).on(caller.user()));
        let effect = self.commit_change(tx, 1).await?;
        tracing::info!(user = %caller.user(), %session, "reauthenticated");
        Ok((fresh, effect))
    }
}
