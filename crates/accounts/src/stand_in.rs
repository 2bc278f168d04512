//! Standing in for somebody, to explain what he may do: a principal with the rights of an account or of a role's holder. No
//! request runs as one.

use chrono::DateTime;

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::{SessionId, UserId},
    invalid::{Invalid, Reason},
    principal::Principal,
    role::{effective_names, effective_permissions},
};

impl Accounts {
    /// A principal in a fresh session: a holder of the role of that name and no other, with the rights of the account
    /// `user` where no role is named; nobody, where neither is.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an unknown role, [`Error::NotFound`] for an unknown account.
    pub async fn stand_in(&self, role: Option<&str>, user: Option<UserId>) -> Result<Option<Principal>, Error> {
        let session = SessionId::new(DateTime::UNIX_EPOCH);
        let roles = match (role, user) {
            (None, None) => return Ok(None),
            (Some(name), _) => {
                let all = self.roles().await?;
                let found = all.into_iter().find(|it| it.name.as_str() == name);
                vec![found.ok_or_else(|| Invalid::new("asRole", Reason::Unknown, "There is no such role."))?]
            }
            (None, Some(user)) => {
                self.user(user).await?.ok_or(Error::NotFound("asUser"))?;
                self.roles_of(&[user]).await?.remove(&user).unwrap_or_default()
            }
        };
        let permissions = effective_permissions(&roles, &self.catalogue);
        let user = user.unwrap_or_else(|| UserId::new(DateTime::UNIX_EPOCH));
        let names = effective_names(&roles);
        Ok(Some(Principal::new(user, session, names, permissions).in_session(session, true)))
    }
}
