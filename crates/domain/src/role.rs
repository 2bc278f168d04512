//! Roles: named sets of permissions, data in the database, given to accounts. A role can include others, and then is worth
//! as much as they are together; nothing can include itself, since a role is made of roles that are made already.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    id::RoleId,
    invalid::{Invalid, Reason},
    permission::Catalogue,
};

/// The role that may do everything. It cannot be changed or deleted, no role includes it, and at least one enabled account
/// holds it.
pub const ADMIN: &str = "admin";
/// The role every account starts with. It cannot be renamed or deleted.
pub const USER: &str = "user";
/// As tables list a caller who is not signed in. No role has this name.
pub const ANONYMOUS: &str = "anonymous";

/// The columns of the access table beside those of the roles. No role that is made has one of these names: programs find a
/// column by its name.
pub const TABLE_COLUMNS: [&str; 2] = ["coordinate", "rule"];

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
                Reason::InvalidFormat,
                "A role is named with 1 to 40 lower-case letters, digits, hyphens and underscores, a letter first.",
            ))
        }
    }

    /// Parses the name for a role that is made or renamed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `name` where it has another form, means a caller who is not signed in, or is a column of a table
    /// that has a column for every role.
    pub fn parse_new(name: &str) -> Result<Self, Invalid> {
        if name == ANONYMOUS {
            return Err(Invalid::new(
                "name",
                Reason::Reserved,
                "This name is reserved for callers who are not signed in.",
            ));
        }
        if TABLE_COLUMNS.contains(&name) {
            let message = "The access table has a column of this name. Choose another one.";
            return Err(Invalid::new("name", Reason::Reserved, message));
        }
        Self::parse(name).map_err(|invalid| invalid.at("name"))
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
    /// The names of the permissions given to it itself, sorted. A name the catalogue no longer knows grants nothing.
    pub permissions: Vec<String>,
    /// The roles given to it, by name: its holder holds them too.
    pub includes: Vec<Arc<Self>>,
    /// Are accounts that hold it touched only by those who hold as much?
    pub is_protected: bool,
}

impl Role {
    /// Is it the role that may do everything?
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.name.as_str() == ADMIN
    }

    /// Is it this role, or does it include it, on whatever way?
    #[must_use]
    pub fn contains(&self, role: RoleId) -> bool {
        closure(std::slice::from_ref(self)).iter().any(|it| it.id == role)
    }

    /// How many roles it is made of, itself among them, each counted as often as it is included: what a client gets that asks
    /// for everything below it. In place of `changed`, as it was, stands `changed`. No more are counted than `limit`.
    #[must_use]
    pub fn parts(&self, changed: &Self, limit: usize) -> usize {
        let this = if self.id == changed.id { changed } else { self };
        let mut parts = 1;
        for role in &this.includes {
            if parts >= limit {
                break;
            }
            parts += role.parts(changed, limit - parts);
        }
        parts
    }
}

/// These roles and all they include, on whatever way, each once.
#[must_use]
pub fn closure(roles: &[Role]) -> Vec<&Role> {
    let mut found = BTreeMap::new();
    let mut next: Vec<&Role> = roles.iter().collect();
    while let Some(role) = next.pop() {
        if found.insert(role.id, role).is_none() {
            next.extend(role.includes.iter().map(|it| &**it));
        }
    }
    found.into_values().collect()
}

/// The names of these roles and of all they include.
#[must_use]
pub fn effective_names(roles: &[Role]) -> BTreeSet<RoleName> {
    closure(roles).into_iter().map(|role| role.name.clone()).collect()
}

/// Do they make their holder an administrator?
#[must_use]
pub fn make_administrator(roles: &[Role]) -> bool {
    closure(roles).into_iter().any(Role::is_admin)
}

/// Do they protect their holder: is one of them, or of those they include, `admin` or marked so?
#[must_use]
pub fn protect(roles: &[Role]) -> bool {
    closure(roles).into_iter().any(|role| role.is_protected || role.is_admin())
}

/// Does a holder of `after` come farther than a holder of `before`: with a role, which a rule may demand by name, or with a
/// permission? Permissions that no catalogue knows count: the next version may know them again.
#[must_use]
pub fn widen(before: &[Role], after: &[Role]) -> bool {
    !effective_names(after).is_subset(&effective_names(before)) || !granted(after).is_subset(&granted(before))
}

/// Whether a user with the roles `before` loses protection by getting `after` instead. Callers with fewer rights can then
/// change the account.
#[must_use]
pub fn expose(before: &[Role], after: &[Role]) -> bool {
    protect(before) && !protect(after)
}

/// Do they give their holder any permission?
#[must_use]
pub fn grant_any(roles: &[Role]) -> bool {
    make_administrator(roles) || !granted(roles).is_empty()
}

/// The permissions that these roles and those they include hold, known or not.
fn granted(roles: &[Role]) -> BTreeSet<&String> {
    closure(roles).into_iter().flat_map(|role| &role.permissions).collect()
}

/// The permissions that these roles and those they include hold and that the catalogue does not know: they belong to another
/// program on the same database, or to another version.
#[must_use]
pub fn unknown_permissions(roles: &[Role], catalogue: &Catalogue) -> BTreeSet<String> {
    granted(roles).into_iter().filter(|name| catalogue.find(name).is_none()).cloned().collect()
}

/// What the holder of these roles may do, by name: the union of what they and the roles they include permit, as far as the
/// catalogue knows it, and the whole catalogue for `admin`.
#[must_use]
pub fn effective_permissions(roles: &[Role], catalogue: &Catalogue) -> BTreeSet<String> {
    if make_administrator(roles) {
        return catalogue.iter().map(|it| it.name().to_owned()).collect();
    }
    let granted = closure(roles).into_iter().flat_map(|role| &role.permissions);
    granted.filter(|name| catalogue.find(name).is_some()).cloned().collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn role(name: &str, permissions: &[&str], includes: &[&Role]) -> Role {
        Role {
            id: RoleId::new(DateTime::UNIX_EPOCH),
            name: RoleName::parse(name).unwrap(),
            description: String::new(),
            permissions: permissions.iter().map(|it| (*it).to_owned()).collect(),
            includes: includes.iter().map(|it| Arc::new((*it).clone())).collect(),
            is_protected: false,
        }
    }

    #[test]
    fn is_worth_what_it_includes() {
        let desk = role("desk", &["users:read", "gone:long-ago"], &[]);
        let lead = role("lead", &["users:write"], &[&desk]);
        let head = [role("head", &[], &[&lead, &desk])];
        let permissions = effective_permissions(&head, &crate::permission::builtin());
        assert_eq!(permissions.iter().map(String::as_str).collect::<Vec<_>>(), ["users:read", "users:write"]);
        let names = effective_names(&head);
        assert_eq!(names.iter().map(RoleName::as_str).collect::<Vec<_>>(), ["desk", "head", "lead"]);
        assert!(head[0].contains(desk.id) && !desk.contains(head[0].id));
        assert!(!protect(&head) && protect(&[Role { is_protected: true, ..desk }]));
    }

    #[test]
    fn has_as_many_parts_as_ways_lead_to_them() {
        let desk = role("desk", &[], &[]);
        let (left, right) = (role("left", &[], &[&desk]), role("right", &[], &[&desk]));
        let head = role("head", &[], &[&left, &right]);
        assert_eq!(head.parts(&desk, 100), 5);
        assert_eq!(head.parts(&Role { includes: vec![Arc::new(role("more", &[], &[]))], ..desk.clone() }, 100), 7);
        assert_eq!(head.parts(&desk, 3), 3);
    }

    #[test]
    fn a_new_name_is_no_word_of_the_tables() {
        assert_eq!(RoleName::parse_new("anonymous").unwrap_err().field, "name");
        assert_eq!(RoleName::parse_new("Desk").unwrap_err().field, "name");
        assert!(RoleName::parse_new("anonymous-2").is_ok());
    }
}
