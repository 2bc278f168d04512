//! Creates a principal with the rights of an account or a role, to explain what they may do. No request runs as such a
//! principal.

use chrono::DateTime;

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::{SessionId, UserId},
    invalid::{Invalid, Reason},
    principal::Principal,
    role::{effective_names, effective_permissions},
};

impl Accounts {
    /// A principal in a fresh session with two factors: with only the named role or, if no role is named, with the
    /// rights of the account
    /// `user`. `None` stands for an anonymous caller, if neither is given.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an unknown role, [`Error::NotFound`] for an unknown account.
    pub async fn substitute_principal(
        &self,
        role: Option<&str>,
        user: Option<UserId>,
    ) -> Result<Option<Principal>, Error> {
        let session = SessionId::new(DateTime::UNIX_EPOCH);
        let roles = match (role, user) {
            (None, None) => return Ok(None),
            (Some(name), _) => {
                let all = self.roles().await?;
                let found = all.into_iter().find(|role| role.name.as_str() == name);
                vec![found.ok_or_else(|| Invalid::new("asRole", Reason::Unknown, "There is no such role."))?]
            }
            (None, Some(user)) => {
                self.user(user).await?.ok_or(Error::NotFound("asUserId"))?;
                self.roles_of(&[user]).await?.remove(&user).map(|set| set.roles().to_vec()).unwrap_or_default()
            }
        };
        let permissions = effective_permissions(&roles, &self.catalogue);
        let user = user.unwrap_or_else(|| UserId::new(DateTime::UNIX_EPOCH));
        let names = effective_names(&roles);
        Ok(Some(Principal::new(user, session, names, permissions).in_session(session, true).by_factors(true)))
    }
}
