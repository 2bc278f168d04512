//! `create_admin`: creates an administrator from the command line or the configuration. No request can do this.

use super::{Accounts, audit::by_operator, error::Error, register::Registration};
use fieldguard_auth::hasher::Claim;
use fieldguard_domain::{
    audit::{Action, RecordedState},
    role::{ADMIN, RoleName, USER},
    user::User,
};
use fieldguard_store as store;

impl Accounts {
    /// Creates an account with the role `admin`, even if registration is closed.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a value that breaks a rule, [`Error::Taken`] for the name or address of another account.
    pub async fn create_admin(&self, registration: Registration) -> Result<User, Error> {
        let now = self.clock.now();
        let (user, password) = self.form(registration, |_| Ok(())).user(now)?;
        let hash = self.hash_new(password, Claim::KNOWN).await?;
        let tx = self.store.write().await?;
        store::users::insert(&tx, &user, &hash).await?;
        for role in [ADMIN, USER] {
            store::roles::give(&tx, user.id, &RoleName::from_stored(role.to_owned())).await?;
        }
        tx.note(
            by_operator(Action::UserCreated, now).on(user.id).changing(None, RecordedState::holding([ADMIN, USER])),
        );
        self.commit(tx).await?;
        tracing::info!(user = %user.id, "administrator created");
        Ok(user)
    }
}
