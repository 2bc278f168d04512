//! `removeTotp`: a user removes their authenticator app, given a code.

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    principal::Principal,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
};
use fieldguard_store as store;

impl Accounts {
    /// Removes the caller's authenticator app and recovery codes.
    ///
    /// # Errors
    ///
    /// [`Error::NoSecondFactor`], [`Error::InvalidCode`] for a wrong code, [`Error::RateLimited`] after too many of
    /// those.
    pub async fn remove_totp(&self, caller: &Principal, code: &str, client: &Client) -> Result<(User, Effect), Error> {
        self.prove_code(caller, code, client).await?;
        let tx = self.begin_own(caller).await?;
        let now = self.shared_now(&tx).await?;
        store::users::hold(&tx, caller.user()).await?.ok_or(Error::InvalidToken)?;
        let user = store::second_factors::remove(&tx, caller.user(), now).await?.ok_or(Error::InvalidToken)?;
        let kind = SecurityEventAction::TotpRemoved;
        store::security_events::record(&tx, user.id, kind, caller.session(), client, now).await?;
        tx.note(self.entry(Action::TotpRemoved, Actor::caller(caller), client).on(user.id));
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(user = %user.id, "authenticator app removed");
        Ok((user, effect))
    }
}
