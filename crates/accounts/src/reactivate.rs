//! Who may enable, restore or unlock an account. Each of these gives a guesser new attempts at its password, so the
//! caller needs the same permissions as for a password reset.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{id::UserId, user::User};
use fieldguard_store::Tx;

impl Accounts {
    /// Refuses a changer who may not enable, restore or unlock the addressed account.
    ///
    /// # Errors
    ///
    /// [`Error::Protected`] and [`Error::NoSession`] as in [`Accounts::authorize_change`]; [`Error::ReactivationDenied`] if the
    /// account has a permission that the changer lacks.
    pub(super) async fn authorize_reactivation(&self, tx: &Tx, by: Changer<'_>, user: UserId) -> Result<(), Error> {
        let roles = self.authorize_change(tx, by, user).await?;
        if by.has_permissions_of(&roles) { Ok(()) } else { Err(Error::ReactivationDenied) }
    }

    /// Resets the failed sign-ins of another user's account that was enabled or restored, if the changer's session is
    /// fresh. Otherwise the lockout continues, so that disabling and enabling in turn does not allow more guesses.
    pub(super) async fn reset_failures_if_fresh(&self, tx: &Tx, by: Changer<'_>, user: &User) -> Result<(), Error> {
        let is_own = matches!(by, Changer::Caller(caller) if caller.is(user.id));
        if !is_own && by.require_fresh().is_ok() { self.reset_failures(tx, user).await } else { Ok(()) }
    }
}
