//! `logout`, `logoutEverywhere`, `revokeSession`: revoke sessions, for their owners and for callers with
//! `sessions:revoke`.

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    id::{SessionId, UserId},
    permission::SESSIONS_REVOKE,
    principal::Principal,
    refresh_chain::Presented,
    security_event::SecurityEventAction,
    session::{Client, Session},
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Revokes the session of a refresh token, whichever of the session's tokens it is. A token that reveals a theft
    /// has the same effect as in `refresh`: the account owner is told.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRefreshToken`] if it is not a token of a live session.
    pub async fn logout_by_token(&self, presented: &str, client: &Client) -> Result<(Session, Effect), Error> {
        let token = self.refresh_key.open(presented).ok_or(Error::InvalidRefreshToken)?;
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let held = store::sessions::hold(&tx, token.session()).await?;
        let held = held.filter(|held| held.is_live(now)).ok_or(Error::InvalidRefreshToken)?;
        let (session, id) = (held.session, token.session());
        if !store::sessions::revoke(&tx, id, now).await? {
            return Err(Error::InvalidRefreshToken);
        }
        if held.chain.judge(token.generation(), now, self.policy.refresh_grace) == Presented::Stolen {
            self.record_theft(&tx, &session, client, now).await?;
        } else {
            self.note_end(&tx, session.user, Some(id), client).await?;
            // A client with a token of the session acts as the account owner.
            let actor = Actor::holder(session.user, Some(id));
            tx.note(self.entry(Action::SessionRevoked, actor, client).on(id));
        }
        let effect = self.commit_change(tx, 1).await?;
        tracing::info!(user = %session.user, session = %id, "session revoked");
        Ok((session, effect))
    }

    /// Revokes the caller's session.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it was just revoked, [`Error::NoSession`] if the caller uses a personal access token.
    pub async fn logout(&self, caller: &Principal, client: &Client) -> Result<(Session, Effect), Error> {
        let session = caller.session().ok_or(Error::NoSession)?;
        self.revoke(self.store.write().await?, session, caller, client).await?.ok_or(Error::NotFound("sessionId"))
    }

    /// Revokes a session of the caller's account or, with `sessions:revoke`, of another account.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such live session, or if the caller may not revoke it; [`Error::Protected`]
    /// if the caller may revoke sessions, but the account is protected and has permissions the caller lacks.
    pub async fn revoke_session(
        &self,
        caller: &Principal,
        id: SessionId,
        client: &Client,
    ) -> Result<(Session, Effect), Error> {
        let now = self.clock.now();
        let session = store::sessions::find(&self.store, id, now).await?;
        let session = session.filter(|session| caller.is(session.user) || caller.can(SESSIONS_REVOKE));
        let owner = session.ok_or(Error::NotFound("sessionId"))?.user;
        let tx = if caller.is(owner) { self.begin_own(caller).await? } else { self.begin(caller).await? };
        if !caller.is(owner) {
            self.authorize_change(&tx, caller, owner).await?;
        }
        self.revoke(tx, id, caller, client).await?.ok_or(Error::NotFound("sessionId"))
    }

    /// Revokes every session of the caller's account, or every one except the caller's.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn logout_everywhere(
        &self,
        caller: &Principal,
        keep_current: bool,
        client: &Client,
    ) -> Result<Effect, Error> {
        let now = self.clock.now();
        let tx = self.begin_own(caller).await?;
        // A concurrent sign-in is either revoked with the others or begins after them.
        store::users::hold(&tx, caller.user()).await?;
        let except = caller.session().filter(|_| keep_current);
        let ended = store::sessions::revoke_all(&tx, caller.user(), except, now).await?;
        if ended > 0 {
            self.note_end(&tx, caller.user(), None, client).await?;
        }
        tx.note(self.entry(Action::SessionsRevoked, Actor::caller(caller), client).on(caller.user()));
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(user = %caller.user(), ended, "signed out everywhere");
        Ok(effect)
    }

    async fn revoke(
        &self,
        tx: Tx,
        id: SessionId,
        caller: &Principal,
        client: &Client,
    ) -> Result<Option<(Session, Effect)>, Error> {
        let now = self.clock.now();
        let Some(session) = store::sessions::find(&tx, id, now).await? else { return Ok(None) };
        if !store::sessions::revoke(&tx, id, now).await? {
            return Ok(None);
        }
        self.note_end(&tx, session.user, Some(id), client).await?;
        tx.note(self.entry(Action::SessionRevoked, Actor::caller(caller), client).on(id));
        let effect = self.commit_change(tx, 1).await?;
        tracing::info!(user = %session.user, session = %id, "session revoked");
        Ok(Some((session, effect)))
    }

    /// Tells the account owner, by a security event, that sessions were revoked.
    pub(super) async fn note_end(
        &self,
        tx: &Tx,
        user: UserId,
        session: Option<SessionId>,
        client: &Client,
    ) -> Result<(), Error> {
        let kind = SecurityEventAction::SessionsRevoked;
        Ok(store::security_events::record(tx, user, kind, session, client, self.clock.now()).await?)
    }
}
