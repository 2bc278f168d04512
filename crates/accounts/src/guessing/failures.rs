//! Resets or moves the failures counted against an account when the account changes.

use super::{by_address_probe, by_code, by_code_from_known_address, by_known_address, by_mailed_account, by_name};
use crate::{Accounts, error::Error};
use fieldguard_domain::{guessing::Attempts, user::User};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Resets the failures of an account whose password has changed, and forgets its known addresses, because an
    /// attacker may have signed in from one of them. Wrong codes of the second factor stay counted.
    pub(crate) async fn reset_failures_and_addresses(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        for address in store::known_addresses::forget(tx, user.id).await? {
            store::attempts::forget(tx, &by_known_address(user.id, &address)).await?;
        }
        Ok(store::attempts::forget(tx, &by_name(user)).await?)
    }

    /// Resets the failures of an account. Its known addresses stay known.
    pub(crate) async fn reset_failures(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        for address in store::known_addresses::all(tx, user.id).await? {
            store::attempts::forget(tx, &by_known_address(user.id, &address)).await?;
            store::attempts::forget(tx, &by_code_from_known_address(user.id, &address)).await?;
        }
        store::attempts::forget(tx, &by_code(user.id)).await?;
        Ok(store::attempts::forget(tx, &by_name(user)).await?)
    }

    /// Copies the failures of an account's former name to its new name, so that a rename does not allow more guesses.
    /// Those of the former name stay, because the account may take it back.
    pub(crate) async fn carry_failures(&self, tx: &Tx, before: &User, after: &User) -> Result<(), Error> {
        let (former, new) = (by_name(before), by_name(after));
        if former == new {
            return Ok(());
        }
        // Every transaction locks two names in this order.
        let one = store::attempts::hold(tx, &former.min(new)).await?;
        let other = store::attempts::hold(tx, &former.max(new)).await?;
        let (of_former, of_new) = if former < new { (one, other) } else { (other, one) };
        if of_former.failures > of_new.failures {
            let carried = Attempts { in_flight: of_new.in_flight, ..of_former };
            store::attempts::keep(tx, &new, &carried).await?;
        }
        Ok(())
    }

    /// Deletes every count of an account that is about to be deleted.
    pub(crate) async fn delete_counts(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        self.reset_failures(tx, user).await?;
        self.reset_failures_and_addresses(tx, user).await?;
        store::attempts::forget(tx, &by_mailed_account(user.id)).await?;
        Ok(store::attempts::forget(tx, &by_address_probe(user.id)).await?)
    }
}
