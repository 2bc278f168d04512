//! `resetSecondFactor`: an administrator removes the second factor of a user who lost it. The lost device may have a
//! session, so all sessions are revoked.

use super::{Accounts, audit::by_operator, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor, Entry},
    id::UserId,
    principal::Principal,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
    username,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Removes the second factor of the account, and revokes its sessions.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] if it is protected and the caller lacks some of
    /// its permissions, [`Error::SecondFactorNotToReset`] if it is the caller's own or has a permission the caller
    /// lacks, [`Error::NoSecondFactor`].
    pub async fn reset_second_factor(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let tx = self.begin(caller).await?;
        let roles = self.authorize_change(&tx, caller, user).await?;
        if !Self::may_reset(caller, user, &roles) {
            return Err(Error::SecondFactorNotToReset);
        }
        let entry = self.entry(Action::SecondFactorReset, Actor::caller(caller), client);
        let reset = self.remove_second_factor(tx, user, entry).await?.ok_or(Error::NotFound("userId"))?;
        tracing::info!(by = %caller.user(), %user, ended = reset.1.sessions, "second factor reset");
        Ok(reset)
    }

    /// The same for the account with this name, in any spelling, for an operator at the command line.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown name, [`Error::NoSecondFactor`].
    pub async fn reset_second_factor_by_name(&self, name: &str) -> Result<(User, Effect), Error> {
        let named = store::users::named(&self.store, &username::canonical(name)).await?;
        let user = named.ok_or(Error::NotFound("name"))?.id;
        let entry = by_operator(Action::SecondFactorReset, self.clock.now());
        let tx = self.store.write().await?;
        let reset = self.remove_second_factor(tx, user, entry).await?.ok_or(Error::NotFound("name"))?;
        tracing::info!(%user, ended = reset.1.sessions, "second factor reset by the operator");
        Ok(reset)
    }

    async fn remove_second_factor(&self, tx: Tx, user: UserId, entry: Entry) -> Result<Option<(User, Effect)>, Error> {
        let now = self.clock.now();
        let Some(held) = store::users::hold(&tx, user).await? else { return Ok(None) };
        if !held.user.has_second_factor() {
            return Err(Error::NoSecondFactor);
        }
        let Some(after) = store::second_factors::remove(&tx, user, now).await? else { return Ok(None) };
        let ended = store::sessions::revoke_all(&tx, user, None, now).await?;
        self.reset_failures(&tx, &after).await?;
        // The account owner must not learn the administrator's address.
        let (kind, no_client) = (SecurityEventAction::SecondFactorReset, Client::default());
        store::security_events::record(&tx, user, kind, None, &no_client, now).await?;
        tx.note(entry.on(user));
        Ok(Some((after, self.commit_change(tx, ended).await?)))
    }
}
