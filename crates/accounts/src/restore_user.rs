//! `restoreUser`, `restoreUsers`: a scheduled deletion is undone. The user's old sessions stay revoked.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{
    audit::{Action, RecordedState},
    id::UserId,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Undoes the scheduled deletion of the user, whose sessions were all revoked: the number is 0. In a fresh session, the failed
    /// sign-ins counted against them are forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::ReactivationDenied`] where the user has a permission that the caller lacks, [`Error::TooLateToRestore`].
    pub(super) async fn restore(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        user: UserId,
        client: &Client,
    ) -> Result<(User, u64), Error> {
        let now = self.shared_now(tx).await?;
        self.authorize_reactivation(tx, by, user).await?;
        let held = store::users::hold(tx, user).await?.ok_or(Error::NotFound("userId"))?.user;
        if held.deletion_due_at.is_some_and(|due| due <= now) {
            // The owner was promised that the data is gone by then, even if the purge is late.
            return Err(Error::TooLateToRestore);
        }
        let restored = store::users::set_deletion_due(tx, user, None, now).await?;
        let restored = restored.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserRestored, by.actor(), client).on(user);
        tx.note(entry.changing(RecordedState::of_state(&held), RecordedState::of_state(&restored)));
        // A lockout from the time when sign-in was impossible anyway must not outlast it.
        self.reset_failures_if_fresh(tx, by, &restored).await?;
        Ok((restored, 0))
    }
}
