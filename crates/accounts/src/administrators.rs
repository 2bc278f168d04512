//! Keeps at least one administrator, lists administrators, and decides who may change protected accounts.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{id::UserId, role::Role, user::User};
use fieldguard_store::{self as store, Tx};

/// How many enabled administrators there were before a change. While this exists, no other transaction can change who
/// is an administrator.
pub(super) struct AdministratorsBefore {
    enabled: u64,
}

impl AdministratorsBefore {
    /// Refuses a change that removed the last enabled administrator. A server that had none before the change is not
    /// checked.
    pub(super) async fn require_one_left(self, tx: &Tx) -> Result<(), Error> {
        if self.enabled > 0 && store::administrators::enabled(tx).await? == 0 {
            return Err(Error::LastAdministrator);
        }
        Ok(())
    }
}

impl Accounts {
    /// Begins a change that may concern administrators. Other such changes wait until `tx` ends.
    pub(super) async fn lock_administrators(&self, tx: &Tx) -> Result<AdministratorsBefore, Error> {
        store::administrators::lock(tx).await?;
        Ok(AdministratorsBefore { enabled: store::administrators::enabled(tx).await? })
    }

    /// Returns the roles of the addressed account if the changer may change the account. A protected account requires
    /// every permission it has. The changer's own account requires a session. The roles stay unchanged until `tx` ends.
    /// Every change of another user's account begins here. A change that lets the changer act as the account owner must
    /// also check [`Principal::has_permissions_of`](fieldguard_domain::principal::Principal::has_permissions_of).
    pub(super) async fn authorize_change<'a>(
        &self,
        tx: &Tx,
        by: impl Into<Changer<'a>>,
        user: UserId,
    ) -> Result<Vec<Role>, Error> {
        // No account becomes protected while this is decided.
        store::administrators::lock(tx).await?;
        let by = by.into();
        if by.is_token_of(user) {
            return Err(Error::NoSession);
        }
        let roles = store::roles::of_user(tx, user).await?;
        if by.may_change(&roles) { Ok(roles) } else { Err(Error::Protected) }
    }

    /// All accounts with the role `admin`, including disabled ones.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn administrators(&self) -> Result<Vec<User>, Error> {
        Ok(store::administrators::list(&self.store).await?)
    }

    /// Whether there is an enabled administrator.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn has_administrator(&self) -> Result<bool, Error> {
        Ok(store::administrators::exist(&self.store).await?)
    }
}
