//! `revokeUserSessions`: every session of somebody else's account ends.

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
    /// Ends every session of the account. The owner is told, where there was one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does
    /// not hold as much.
    pub async fn revoke_user_sessions(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let tx = self.begin(caller).await?;
        self.watch_administrators(&tx).await?;
        self.touchable(&tx, caller, user).await?;
        // A sign-in of the same moment ends with the others, or begins after them.
        let owner = store::users::hold(&tx, user).await?.ok_or(Error::NotFound("userId"))?.user;
        let ended = store::sessions::end_all(&tx, user, None, self.clock.now()).await?;
        if ended > 0 {
            // From where the administrator did it is not for the owner to know.
            self.note_end(&tx, user, None, &Client::default()).await?;
        }
        tx.note(self.entry(Action::SessionsRevoked, Actor::caller(caller), client).on(user));
        let effect = self.commit_change(tx, ended).await?;
        tracing::info!(by = %caller.user(), %user, ended, "sessions of an account ended");
        Ok((owner, effect))
    }
}
