//! Who may let others in again. Enabling, restoring and unlocking an account lift what stands between a guesser and its
//! password: a closed door, or the pause after failures. So they ask of the caller what a reset of that password asks.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{id::UserId, user::User};
use fieldguard_store::Tx;

impl Accounts {
    /// Refuses a changer who may not open the account addressed.
    ///
    /// # Errors
    ///
    /// [`Error::Protected`] and [`Error::NoSession`] as [`Accounts::touchable`]; [`Error::NotToReopen`] where the account has a
    /// permission that the changer lacks.
    pub(super) async fn reopenable(&self, tx: &Tx, by: Changer<'_>, user: UserId) -> Result<(), Error> {
        let roles = self.touchable(tx, by, user).await?;
        if by.holds_as_much_as(&roles) { Ok(()) } else { Err(Error::NotToReopen) }
    }

    /// Forgets the failed sign-ins of another's account that was opened, where the changer gave the password a short while ago.
    /// Otherwise the pause goes on: disabling and enabling in turn must not buy guesses.
    pub(super) async fn forgive_if_fresh(&self, tx: &Tx, by: Changer<'_>, user: &User) -> Result<(), Error> {
        let is_own = matches!(by, Changer::Caller(caller) if caller.is(user.id));
        if !is_own && by.prove_fresh().is_ok() { self.forgive_failures(tx, user).await } else { Ok(()) }
    }
}
