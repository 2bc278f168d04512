//! `reauthenticate`: a user proves again who they are, with the password or, if they have a second factor, with a code.
//! The session is then fresh for a short while and may make sensitive changes.

use chrono::{DateTime, Utc};

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    authentication::AuthenticationMethod,
    id::SessionId,
    principal::Principal,
    session::{Client, Session},
};
use fieldguard_store::{self as store, Tx};

/// What a user proves who they are with.
pub enum Proof {
    /// The password, in clear text.
    Password(String),
    /// A code of the second factor.
    Code(String),
}

impl Accounts {
    /// Makes the caller's session fresh for [`FRESH_FOR`](fieldguard_domain::session::FRESH_FOR). The session counts as
    /// begun with what was proved, too.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] or [`Error::InvalidCode`] if the proof is wrong, which counts as a failed sign-in,
    /// [`Error::RateLimited`] after too many of those, [`Error::Busy`] if too many passwords are being hashed,
    /// [`Error::NoSecondFactor`] for a code without one, [`Error::InvalidToken`] if the session was just revoked or
    /// there is none.
    pub async fn reauthenticate(
        &self,
        caller: &Principal,
        proof: Proof,
        client: &Client,
    ) -> Result<(Session, Effect), Error> {
        let session = caller.session().ok_or(Error::InvalidToken)?;
        let method = match proof {
            Proof::Password(password) => {
                drop(self.prove(caller, password, client).await?);
                AuthenticationMethod::Password
            }
            Proof::Code(code) => {
                self.prove_code(caller, &code, client).await?;
                AuthenticationMethod::OneTimePassword
            }
        };
        let tx = self.begin_own(caller).await?;
        let now = self.shared_now(&tx).await?;
        let fresh = self.note_proved(&tx, session, method, now).await?;
        tx.note(self.entry(Action::Reauthenticated, Actor::caller(caller), client).on(caller.user()));
        let effect = self.commit_change(tx, 1).await?;
        tracing::info!(user = %caller.user(), %session, method = method.amr(), "reauthenticated");
        Ok((fresh, effect))
    }

    /// Makes the session fresh, and adds the method to those by which it began.
    pub(super) async fn note_proved(
        &self,
        tx: &Tx,
        session: SessionId,
        method: AuthenticationMethod,
        now: DateTime<Utc>,
    ) -> Result<Session, Error> {
        let live = store::sessions::find(tx, session, now).await?.ok_or(Error::InvalidToken)?;
        let fresh = store::sessions::note_authenticated(tx, session, live.methods.with(method), now).await?;
        fresh.ok_or(Error::InvalidToken)
    }
}
