//! `setUserRoles`, `setUsersRoles`, and `users roles` on the command line: users get these roles.

use std::{collections::BTreeSet, fmt};

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{
    audit::{Action, RecordedState},
    id::UserId,
    invalid::{Invalid, Reason},
    role::{self, Role, RoleName},
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

/// Which roles users get.
#[derive(Debug)]
pub enum RoleAssignment {
    /// These and no others.
    Exactly(BTreeSet<RoleName>),
    /// Those they have, with some added and some removed.
    Changed {
        /// Added, where the user does not have them.
        added: BTreeSet<RoleName>,
        /// Removed. The user has each of them.
        removed: BTreeSet<RoleName>,
    },
}

impl RoleAssignment {
    /// The roles of these names and no others.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a text that can't be the name of a role.
    pub fn exactly(names: &[String]) -> Result<Self, Error> {
        Ok(Self::Exactly(parsed(names)?))
    }

    /// The roles that each user has, with some added and some removed.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a text that can't be the name of a role.
    pub fn changed(added: &[String], removed: &[String]) -> Result<Self, Error> {
        Ok(Self::Changed { added: parsed(added)?, removed: parsed(removed)? })
    }

    /// The roles of a user who has these.
    fn applied_to(&self, held: &[Role]) -> Result<Vec<RoleName>, Invalid> {
        let (added, removed) = match self {
            Self::Exactly(roles) => return Ok(roles.iter().cloned().collect()),
            Self::Changed { added, removed } => (added, removed),
        };
        let mut names: BTreeSet<_> = held.iter().map(|role| &role.name).collect();
        if let Some(name) = removed.iter().find(|name| !names.remove(name)) {
            let message = format!("The user doesn't have the role `{name}`.");
            return Err(Invalid::new("roles", Reason::NotHeld, message));
        }
        names.extend(added);
        Ok(names.into_iter().cloned().collect())
    }
}

/// As the log spells it: `+` before each role that is added, `-` before each that is removed.
impl fmt::Display for RoleAssignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spell = |sign, roles: &BTreeSet<RoleName>| roles.iter().map(|role| format!("{sign}{role}")).collect();
        let words: Vec<String> = match self {
            Self::Exactly(roles) => spell("", roles),
            Self::Changed { added, removed } => [spell("+", added), spell("-", removed)].concat(),
        };
        f.write_str(&words.join(" "))
    }
}

impl Accounts {
    /// Gives the user these roles and returns how many live sessions that affects.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an unknown role, [`Error::BeyondOwn`] for a new role with a permission that the caller lacks,
    /// [`Error::NotFresh`] where the user gets a role or a permission or loses protection, and the session is not fresh.
    pub(super) async fn assign(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        roles: &RoleAssignment,
        user: UserId,
        client: &Client,
    ) -> Result<(User, u64), Error> {
        let target = store::users::find(tx, user).await?.ok_or(Error::NotFound("userId"))?;
        let held = self.authorize_change(tx, by, user).await?;
        let names = roles.applied_to(&held)?;
        let wanted = self.givable(tx, by, &held, &names).await?;
        if role::adds_rights(&held, &wanted) || role::removes_protection(&held, &wanted) {
            by.require_fresh()?;
        }
        store::roles::assign(tx, user, &names).await?;
        // An administrator who could reset this user's password before may lack a permission that the user has now.
        store::password_resets::void(tx, user).await?;
        let sessions = store::sessions::live_of(tx, user, self.clock.now()).await?;
        let after = RecordedState::holding(names.iter().map(RoleName::as_str));
        let entry = self.entry(Action::UserRolesSet, by.actor(), client).on(user);
        tx.note(entry.changing(RecordedState::of_roles(&held), after));
        Ok((target, sessions))
    }
}

fn parsed(names: &[String]) -> Result<BTreeSet<RoleName>, Invalid> {
    names.iter().map(|name| RoleName::parse(name)).collect()
}
