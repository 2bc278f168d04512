//! What concerns administrators: that one stays, who they are; and who may touch them and other protected
//! accounts.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{id::UserId, role::Role, user::User};
use fieldguard_store::{self as store, Tx};

/// How many could administer before a change. Holding one, no other transaction can change who administers.
pub(super) struct Watch {
    before: u64,
}

impl Watch {
    /// Refuses a change that took the last enabled administrator. A server that had none to begin with goes on.
    pub(super) async fn somebody_stays(self, tx: &Tx) -> Result<(), Error> {
        if self.before > 0 && store::administrators::enabled(tx).await? == 0 {
            return Err(Error::LastAdministrator);
        }
        Ok(())
    }
}

impl Accounts {
    /// Begins a change that may concern administrators: others wait until `tx` ends.
    pub(super) async fn watch_administrators(&self, tx: &Tx) -> Result<Watch, Error> {
        store::administrators::lock(tx).await?;
        Ok(Watch { before: store::administrators::enabled(tx).await? })
    }

    /// The roles of the account addressed, which the changer may touch: one that is protected only where he holds as much, his
    /// own only in a session. They stay as they are until `tx` ends. Whatever is done to another's account begins here;
    /// whoever came to act as its holder asks
    /// [`Principal::holds_as_much_as`](fieldguard_domain::principal::Principal::holds_as_much_as) besides.
    pub(super) async fn touchable<'a>(
        &self,
        tx: &Tx,
        by: impl Into<Changer<'a>>,
        user: UserId,
    ) -> Result<Vec<Role>, Error> {
        // Nobody becomes protected while it is decided.
        store::administrators::lock(tx).await?;
        let by = by.into();
        if by.is_token_of(user) {
            return Err(Error::NoSession);
        }
        let roles = store::roles::of_user(tx, user).await?;
        if by.may_touch(&roles) { Ok(roles) } else { Err(Error::Protected) }
    }

    /// Everyone who holds the role `admin`, disabled ones included.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn administrators(&self) -> Result<Vec<User>, Error> {
        Ok(store::administrators::list(&self.store).await?)
    }

    /// Is there an enabled administrator?
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn has_administrator(&self) -> Result<bool, Error> {
        Ok(store::administrators::exist(&self.store).await?)
    }
}
