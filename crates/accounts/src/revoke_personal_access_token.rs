//! `revokePersonalAccessToken`: revokes a token of the caller or, with `sessions:revoke`, of another user.

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    id::{PersonalAccessTokenId, SessionId, UserId},
    permission::SESSIONS_REVOKE,
    personal_access_token::PersonalAccessToken,
    principal::Principal,
    security_event::SecurityEventAction,
    session::Client,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Takes back a token of the caller's account or, for holders of `sessions:revoke`, of another's. It is not listed any
    /// more. Answers it as it was.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownToken`] where there is no such token, or it is another's and the caller may not take it back;
    /// [`Error::Protected`] where it is a protected account's and the caller may take others' back but does not hold as much.
    pub async fn revoke_personal_access_token(
        &self,
        caller: &Principal,
        id: PersonalAccessTokenId,
        client: &Client,
    ) -> Result<(PersonalAccessToken, Effect), Error> {
        let now = self.clock.now();
        let tx = self.begin(caller).await?;
        let token = store::personal_access_tokens::find(&tx, id, now).await?;
        let token = token.filter(|it| caller.is(it.user) || caller.can(SESSIONS_REVOKE)).ok_or(Error::UnknownToken)?;
        if !caller.is(token.user) {
            self.authorize_change(&tx, caller, token.user).await?;
        }
        if !store::personal_access_tokens::revoke(&tx, id).await? {
            return Err(Error::UnknownToken);
        }
        tx.note(self.entry(Action::PersonalAccessTokenRevoked, Actor::caller(caller), client).on(id));
        // The owner must not learn the address of the caller who revoked it.
        let (session, client) =
            if caller.is(token.user) { (caller.session(), client) } else { (None, &Client::default()) };
        self.note_revoked(&tx, token.user, session, client).await?;
        let effect = self.commit_change(tx, 0).await?;
        tracing::info!(by = %caller.user(), user = %token.user, token = %id, "personal access token revoked");
        Ok((token, effect))
    }

    /// Revokes every token of the user, because they may be stolen or must not act any more.
    pub(super) async fn revoke_all_tokens(&self, tx: &Tx, user: UserId, client: &Client) -> Result<(), Error> {
        if store::personal_access_tokens::revoke_all(tx, user).await? > 0 {
            self.note_revoked(tx, user, None, client).await?;
        }
        Ok(())
    }

    async fn note_revoked(
        &self,
        tx: &Tx,
        user: UserId,
        session: Option<SessionId>,
        client: &Client,
    ) -> Result<(), Error> {
        let kind = SecurityEventAction::PersonalAccessTokenRevoked;
        Ok(store::security_events::record(tx, user, kind, session, client, self.clock.now()).await?)
    }
}
