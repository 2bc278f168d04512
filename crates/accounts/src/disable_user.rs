//! `disableUser`, `disableUsers`: a disabled user can't sign in. Their sessions and personal access tokens are revoked at once.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{
    audit::{Action, RecordedState},
    id::UserId,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Disables the user and returns how many sessions were revoked. A user who is disabled already stays disabled, since then.
    pub(super) async fn disable(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        user: UserId,
        client: &Client,
    ) -> Result<(User, u64), Error> {
        let now = self.clock.now();
        self.authorize_change(tx, by, user).await?;
        let before = store::users::find(tx, user).await?;
        let disabled = store::users::set_disabled(tx, user, Some(now), now).await?;
        let disabled = disabled.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserDisabled, by.actor(), client).on(user);
        tx.note(entry.changing(before.as_ref().map(RecordedState::of_state), RecordedState::of_state(&disabled)));
        let revoked = store::sessions::revoke_all(tx, user, None, now).await?;
        // Neither a code nor a token from before must work after the user is enabled again.
        store::password_resets::void(tx, user).await?;
        self.revoke_all_tokens(tx, user, &Client::default()).await?;
        Ok((disabled, revoked))
    }
}
