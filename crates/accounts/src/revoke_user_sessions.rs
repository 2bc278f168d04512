//! `revokeUserSessions`: revokes every session of another user's account.

use super::{Accounts, effect::Effect, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    id::UserId,
    principal::Principal,
    session::Client,
    user::User,
};
use fieldguard_store as store;

impl Accounts {
    /// Revokes every session of the account. The account owner is told if there was one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] if it is protected and the caller lacks some of
    /// its permissions.
    pub async fn revoke_user_sessions(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let tx = self.begin(caller).await?;
        self.lock_administrators(&tx).await?;
        self.authorize_change(&tx, caller, user).await?;
        // A concurrent sign-in is either revoked with the others or begins after them.
        let owner = store::users::hold(&tx, user).await?.ok_or(Error::NotFound("userId"))?.user;
        let ended = store::sessions::revoke_all(&tx, user, None, self.clock.now()).await?;
        if ended > 0 {
            // The account owner must not learn the administrator's address.
            self.note_end(&tx, user, None, &Client::default()).await?;
        }
        tx.note(self.entry(Action::SessionsRevoked, Actor::caller(caller), client).on(user));
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(by = %caller.user(), %user, ended, "sessions of an account revoked");
        Ok((owner, effect))
    }
}
