//! `deleteUser`, `deleteUsers`: users are deleted after some days, in which the deletion can be undone. Until then they can't
//! sign in; afterwards [`purge_deleted`](Accounts::purge_deleted) deletes everything the server knows of them.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{
    audit::{Action, RecordedState},
    id::UserId,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Schedules the deletion of the user and returns how many sessions were revoked. A deletion that is scheduled already keeps
    /// its date.
    ///
    /// # Errors
    ///
    /// [`Error::NotFresh`] where it is the caller's own account and the session is not fresh.
    pub(super) async fn schedule_deletion(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        user: UserId,
        client: &Client,
    ) -> Result<(User, u64), Error> {
        let now = self.shared_now(tx).await?;
        self.authorize_change(tx, by, user).await?;
        // As `deleteAccount` does: an owner who is away would not notice in time that the deletion can be undone.
        if by.is_owner_of(user) {
            by.require_fresh()?;
        }
        let before = store::users::find(tx, user).await?;
        let due = now + self.policy.deletion_grace;
        let scheduled = store::users::set_deletion_due(tx, user, Some(due), now).await?;
        let scheduled = scheduled.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserDeletionScheduled, by.actor(), client).on(user);
        tx.note(entry.changing(before.as_ref().map(RecordedState::of_state), RecordedState::of_state(&scheduled)));
        let revoked = store::sessions::revoke_all(tx, user, None, now).await?;
        // Neither a code nor a token from before must work after the user is restored.
        store::password_resets::void(tx, user).await?;
        self.revoke_all_tokens(tx, user, &Client::default()).await?;
        if revoked > 0 {
            // The owner must not learn the administrator's address.
            self.note_end(tx, user, None, &Client::default()).await?;
        }
        Ok((scheduled, revoked))
    }
}
