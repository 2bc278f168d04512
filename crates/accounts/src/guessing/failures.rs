//! What becomes of the failures that were counted against an account when it changes.

use super::{by_address_tried, by_known_address, by_name};
use crate::{Accounts, error::Error};
use fieldguard_domain::{guessing::Attempts, user::User};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Forgets the failures that were counted against an account whose password has changed, and the addresses from which it
    /// signed in before: that may have been a thief.
    pub(crate) async fn forgive(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        for address in store::known_addresses::forget(tx, user.id).await? {
            store::attempts::forget(tx, &by_known_address(user.id, &address)).await?;
        }
        Ok(store::attempts::forget(tx, &by_name(user)).await?)
    }

    /// Forgets the failures that were counted against an account. The addresses from which its owner signs in stay known.
    pub(crate) async fn forgive_failures(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        for address in store::known_addresses::all(tx, user.id).await? {
            store::attempts::forget(tx, &by_known_address(user.id, &address)).await?;
        }
        Ok(store::attempts::forget(tx, &by_name(user)).await?)
    }

    /// Counts the failures against the former name of an account against its new one, too: another name must not buy guesses.
    /// Those against the former name stay, since the account may take it back.
    pub(crate) async fn carry_failures(&self, tx: &Tx, before: &User, after: &User) -> Result<(), Error> {
        let (former, new) = (by_name(before), by_name(after));
        if former == new {
            return Ok(());
        }
        // In the order in which every transaction holds two names.
        let one = store::attempts::hold(tx, &former.min(new)).await?;
        let other = store::attempts::hold(tx, &former.max(new)).await?;
        let (of_former, of_new) = if former < new { (one, other) } else { (other, one) };
        if of_former.failures > of_new.failures {
            let carried = Attempts { in_flight: of_new.in_flight, ..of_former };
            store::attempts::keep(tx, &new, &carried).await?;
        }
        Ok(())
    }

    /// Forgets every count of an account that is about to be deleted.
    pub(crate) async fn forget_counts(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        self.forgive(tx, user).await?;
        Ok(store::attempts::forget(tx, &by_address_tried(user.id)).await?)
    }
}
