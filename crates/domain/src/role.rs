//! Roles: named sets of permissions in the database, assigned to users. A role can include other roles and then gives
//! their permissions too. A role cannot include itself, because it can include only existing roles.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    id::RoleId,
    invalid::{Invalid, Reason},
    permission::Catalogue,
};

/// The role with every permission. It cannot be changed or deleted, no role includes it, and at least one enabled user
/// holds it.
pub const ADMIN: &str = "admin";
/// The role that every user starts with. It cannot be renamed or deleted.
pub const USER: &str = "user";
/// The column of callers who are not signed in, in access tables. No role has this name.
pub const ANONYMOUS: &str = "anonymous";

/// The columns of the access table besides the roles. New roles cannot have these names, because programs find a column
/// by its name.
pub const TABLE_COLUMNS: [&str; 2] = ["coordinate", "rule"];

/// The name of a role: 1 to 40 lower-case ASCII letters, digits, `-` and `_`, starting with a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

impl RoleName {
    /// Parses a name.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `roles` for any other form.
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
                "A role name must have 1 to 40 lower-case letters, digits, `-` and `_`, and start with a letter.",
            ))
        }
    }

    /// Parses the name of a role that is created or renamed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `name` for any other form, for [`ANONYMOUS`] and for [`TABLE_COLUMNS`].
    pub fn parse_new(name: &str) -> Result<Self, Invalid> {
        if name == ANONYMOUS {
            return Err(Invalid::new(
                "name",
                Reason::Reserved,
                "This name is reserved for callers who are not signed in. Choose another name.",
            ));
        }
        if TABLE_COLUMNS.contains(&name) {
            let message = "This name is reserved for a column of the access table. Choose another name.";
            return Err(Invalid::new("name", Reason::Reserved, message));
        }
        Self::parse(name).map_err(|invalid| invalid.at("name"))
    }

    /// Builds a name from its stored form, without parsing it again.
    #[must_use]
    pub fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The name, as stored and displayed.
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

/// A role, as stored in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The role's identifier.
    pub id: RoleId,
    /// The role's unique name.
    pub name: RoleName,
    /// The purpose of the role, in one sentence.
    pub description: String,
    /// The names of the role's own permissions, sorted. A name that is not in the catalogue grants nothing.
    pub permissions: Vec<String>,
    /// The roles that this role includes. Its holders hold them too.
    pub includes: Vec<Arc<Self>>,
    /// Whether accounts with this role can be changed only by users who hold as much.
    pub is_protected: bool,
}

impl Role {
    /// Whether it is the role [`ADMIN`].
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.name.as_str() == ADMIN
    }

    /// Whether it is this role or includes it, directly or indirectly.
    #[must_use]
    pub fn contains(&self, role: RoleId) -> bool {
        closure(std::slice::from_ref(self)).iter().any(|included| included.id == role)
    }

    /// The number of roles in the tree below this role, itself included. A role that is included twice counts twice, as
    /// in a query for the whole tree. `changed` replaces the role with the same id. Counting stops at `limit`.
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

/// These roles and all roles they include, directly or indirectly, without duplicates.
#[must_use]
pub fn closure(roles: &[Role]) -> Vec<&Role> {
    let mut found = BTreeMap::new();
    let mut next: Vec<&Role> = roles.iter().collect();
    while let Some(role) = next.pop() {
        if found.insert(role.id, role).is_none() {
            next.extend(role.includes.iter().map(|included| &**included));
        }
    }
    found.into_values().collect()
}

/// The names of these roles and of all roles they include.
#[must_use]
pub fn effective_names(roles: &[Role]) -> BTreeSet<RoleName> {
    closure(roles).into_iter().map(|role| role.name.clone()).collect()
}

/// Whether these roles make their holder an administrator.
#[must_use]
pub fn make_administrator(roles: &[Role]) -> bool {
    closure(roles).into_iter().any(Role::is_admin)
}

/// Whether these roles protect their holder: one of them, or of those they include, is `admin` or protected.
#[must_use]
pub fn protect(roles: &[Role]) -> bool {
    closure(roles).into_iter().any(|role| role.is_protected || role.is_admin())
}

/// Whether `after` gives a role or a permission that `before` does not give. Roles count, because a rule may require
/// one by name. Permissions that are not in the catalogue count too: the next version may know them again.
#[must_use]
pub fn adds_rights(before: &[Role], after: &[Role]) -> bool {
    !effective_names(after).is_subset(&effective_names(before)) || !granted(after).is_subset(&granted(before))
}

/// Whether a user with the roles `before` loses protection with the roles `after`. Callers with fewer permissions can
/// then change the account.
#[must_use]
pub fn removes_protection(before: &[Role], after: &[Role]) -> bool {
    protect(before) && !protect(after)
}

/// Whether these roles give any permission.
#[must_use]
pub fn grant_any(roles: &[Role]) -> bool {
    make_administrator(roles) || !granted(roles).is_empty()
}

/// The permissions of these roles and of those they include, in the catalogue or not.
fn granted(roles: &[Role]) -> BTreeSet<&String> {
    closure(roles).into_iter().flat_map(|role| &role.permissions).collect()
}

/// The permissions of these roles and of those they include that are not in the catalogue. They belong to another
/// program on the same database, or to another version.
#[must_use]
pub fn unknown_permissions(roles: &[Role], catalogue: &Catalogue) -> BTreeSet<String> {
    granted(roles).into_iter().filter(|name| catalogue.find(name).is_none()).cloned().collect()
}

/// The names of the permissions that these roles give: the union over them and the roles they include, limited to the
/// catalogue. `admin` gives the whole catalogue.
#[must_use]
pub fn effective_permissions(roles: &[Role], catalogue: &Catalogue) -> BTreeSet<String> {
    if make_administrator(roles) {
        return catalogue.iter().map(|permission| permission.name().to_owned()).collect();
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
            permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
            includes: includes.iter().map(|role| Arc::new((*role).clone())).collect(),
            is_protected: false,
        }
    }

    #[test]
    fn includes_give_their_permissions_and_names() {
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
    fn parts_count_every_path_up_to_the_limit() {
        let desk = role("desk", &[], &[]);
        let (left, right) = (role("left", &[], &[&desk]), role("right", &[], &[&desk]));
        let head = role("head", &[], &[&left, &right]);
        assert_eq!(head.parts(&desk, 100), 5);
        assert_eq!(head.parts(&Role { includes: vec![Arc::new(role("more", &[], &[]))], ..desk.clone() }, 100), 7);
        assert_eq!(head.parts(&desk, 3), 3);
    }

    #[test]
    fn reserved_names_are_refused_for_new_roles() {
        assert_eq!(RoleName::parse_new("anonymous").unwrap_err().field, "name");
        assert_eq!(RoleName::parse_new("Desk").unwrap_err().field, "name");
        assert!(RoleName::parse_new("anonymous-2").is_ok());
    }
}
