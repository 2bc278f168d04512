//! `updateUser`: somebody else's name or address is changed.

use super::{Accounts, error::Error, update_profile::ProfileChange};
use crate::{
    domain::{id::UserId, principal::Principal, security_event::SecurityEventKind, session::Client, user::User},
    store,
};

impl Accounts {
    /// Changes an account. The owner is told that the address is another one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::AdministratorsOnly`] where it is an administrator's and the
    /// caller is none, [`Error::Invalid`] for a value that breaks a rule, [`Error::Taken`] for a name or address of another
    /// account.
    pub async fn update_user(&self, caller: &Principal, user: UserId, change: ProfileChange) -> Result<User, Error> {
        let (username, email) = change.parse()?;
        let now = self.clock.now();
        let tx = self.store.write().await?;
        self.watch_administrators(&tx).await?;
        self.touchable(&tx, caller, user).await?;
        let before = store::users::hold(&tx, user).await?.ok_or(Error::NotFound("userId"))?.user;
        let email = email.as_ref().map(Option::as_ref);
        let changed = store::users::set_profile(&tx, user, username.as_ref(), email, now).await?;
        let changed = changed.ok_or(Error::NotFound("userId"))?;
        if changed.email != before.email {
            // From where the administrator did it is not for the owner to know.
            let (kind, nowhere) = (SecurityEventKind::EmailChanged, Client::default());
            store::security_events::record(&tx, user, kind, None, &nowhere, now).await?;
        }
        tx.commit().await?;
        tracing::info!(by = %caller.user(), %user, "account changed");
        Ok(changed)
    }
}
