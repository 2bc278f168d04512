//! Roles: named sets of permissions, data in the database, given to accounts.

use std::collections::BTreeSet;

use super::{id::RoleId, invalid::Invalid, permission::Catalogue};

/// The role that may do everything. It cannot be changed or deleted, and at least one enabled account holds it.
pub const ADMIN: &str = "admin";
/// The role every account starts with. It permits nothing beyond oneself.
pub const USER: &str = "user";

/// The name of a role: 1 to 40 lower-case ASCII letters, digits, `-` and `_`, beginning with a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

impl RoleName {
    /// Parses a name.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `roles` where the name has another form.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.len() <= 40
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
        if well_formed {
            Ok(Self(name.to_owned()))
        } else {
            Err(Invalid::new(
                "roles",
                "A role is named with 1 to 40 lower-case letters, digits, hyphens and underscores, a letter first.",
            ))
        }
    }

    /// A name the database holds, which was parsed when it was written.
    #[must_use]
    pub fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RoleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A role as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its identifier.
    pub id: RoleId,
    /// Its name.
    pub name: RoleName,
    /// What it is for, in a sentence.
    pub description: String,
    /// The names of the permissions given to it, sorted. A name the catalogue no longer knows grants nothing.
    pub permissions: Vec<String>,
}

impl Role {
    /// Is it the role that may do everything?
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.name.as_str() == ADMIN
    }
}

/// What the holder of these roles may do, by name: the union of what they permit, as far as the catalogue knows it, and
/// the whole catalogue for `admin`.
#[must_use]
pub fn effective_permissions(roles: &[Role], catalogue: &Catalogue) -> BTreeSet<String> {
    if roles.iter().any(Role::is_admin) {
        return catalogue.iter().map(|it| it.name().to_owned()).collect();
    }
    let granted = roles.iter().flat_map(|role| &role.permissions);
    granted.filter(|name| catalogue.find(name).is_some()).cloned().collect()
}
