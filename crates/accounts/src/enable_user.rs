//! `enableUser`, `enableUsers`: a disabled user can sign in again. Their old sessions stay revoked.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{
    audit::{Action, RecordedState},
    id::UserId,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Enables the user, whose sessions were all revoked: the number is 0. In a fresh session, the failed sign-ins counted against
    /// them are forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::ReactivationDenied`] where the user has a permission that the caller lacks.
    pub(super) async fn enable(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        user: UserId,
        client: &Client,
    ) -> Result<(User, u64), Error> {
        self.authorize_reactivation(tx, by, user).await?;
        let before = store::users::find(tx, user).await?;
        let enabled = store::users::set_disabled(tx, user, None, self.clock.now()).await?;
        let enabled = enabled.ok_or(Error::NotFound("userId"))?;
        let entry = self.entry(Action::UserEnabled, by.actor(), client).on(user);
        tx.note(entry.changing(before.as_ref().map(RecordedState::of_state), RecordedState::of_state(&enabled)));
        // A lockout from the time when sign-in was impossible anyway must not outlast it.
        self.reset_failures_if_fresh(tx, by, &enabled).await?;
        Ok((enabled, 0))
    }
}
