//! Who may let others in again. Enabling, restoring and unlocking an account lift what stands between a guesser and its
//! password: a closed door, or the pause after failures. So they ask of the caller what a reset of that password asks.

use super::{Accounts, changer::Changer, error::Error};
use crate::{
    domain::{id::UserId, user::User},
    store::Tx,
};

impl Accounts {
    /// Refuses a changer who may not open the account addressed.
    ///
    /// # Errors
    ///
    /// [`Error::Protected`] and [`Error::NoSession`] as [`Accounts::touchable`]; [`Error::NotToReopen`] where the account is the
    /// changer's own or has a permission that the changer lacks.
    pub(super) async fn reopenable(&self, tx: &Tx, by: Changer<'_>, user: UserId) -> Result<(), Error> {
        let roles = self.touchable(tx, by, user).await?;
        match by {
            Changer::Caller(caller) if !Self::may_reset(caller, user, &roles) => Err(Error::NotToReopen),
            Changer::Caller(_) | Changer::Operator => Ok(()),
        }
    }

    /// Forgets the failed sign-ins of an account that was opened, where the changer gave the password a short while ago. For
    /// others the pause goes on: disabling and enabling in turn must not buy guesses.
    pub(super) async fn forgive_if_fresh(&self, tx: &Tx, by: Changer<'_>, user: &User) -> Result<(), Error> {
        if by.prove_fresh().is_ok() { self.forgive_failures(tx, user).await } else { Ok(()) }
    }
}
