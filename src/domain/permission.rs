//! Permissions: things one may do, named `resource:action`, declared in code with a description, collected in a
//! [`Catalogue`]. Who holds which is data and lives in roles.

use std::collections::BTreeMap;

/// A thing one may do.
///
/// Declare one as a constant and name it in rules; an adopter adds its own to the [`Catalogue`]:
///
/// ```
/// use fieldguard::domain::permission::{Catalogue, Permission};
///
/// pub const INVOICES_READ: Permission = Permission::new("invoices:read", "Read every invoice.");
///
/// let catalogue = Catalogue::builtin().with(INVOICES_READ);
/// assert_eq!(catalogue.find("invoices:read"), Some(INVOICES_READ));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    name: &'static str,
    description: &'static str,
}

impl Permission {
    /// A permission with its name, `resource:action` in lower-case ASCII letters, digits and `-`, and a sentence that
    /// says what it allows.
    ///
    /// # Panics
    ///
    /// Where the name has another form; in a constant, that stops the compilation.
    #[must_use]
    pub const fn new(name: &'static str, description: &'static str) -> Self {
        assert!(is_well_formed(name.as_bytes()), "a permission is named `resource:action`, in lower case");
        assert!(!description.is_empty(), "a permission says what it allows");
        Self { name, description }
    }

    /// The name, as roles store it and clients see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What it allows, in one sentence for an administrator.
    #[must_use]
    pub const fn description(self) -> &'static str {
        self.description
    }
}

const fn is_well_formed(name: &[u8]) -> bool {
    let (mut index, mut colon) = (0, 0);
    while index < name.len() {
        match name[index] {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => {}
            b':' if colon == 0 && index > 0 => colon = index,
            _ => return false,
        }
        index += 1;
    }
    colon > 0 && colon + 1 < name.len()
}

/// Read every account, email included.
pub const USERS_READ: Permission =
    Permission::new("users:read", "Read every account: names, email addresses, state and times.");
/// Change accounts.
pub const USERS_WRITE: Permission =
    Permission::new("users:write", "Create, change, disable, enable and unlock accounts, and reset passwords.");
/// Delete accounts, and take that back.
pub const USERS_DELETE: Permission =
    Permission::new("users:delete", "Schedule the deletion of accounts, and restore those that are not deleted yet.");
/// Bring accounts over from another system.
pub const USERS_IMPORT: Permission =
    Permission::new("users:import", "Import accounts of another system with the hashes of their passwords.");
/// Read roles and the permission catalogue.
pub const ROLES_READ: Permission =
    Permission::new("roles:read", "Read every role, what it permits, and the catalogue of permissions.");
/// Give roles to accounts.
pub const ROLES_ASSIGN: Permission = Permission::new("roles:assign", "Give roles to accounts and take them away.");
/// Create, change and delete roles.
pub const ROLES_WRITE: Permission = Permission::new("roles:write", "Create, change and delete roles.");
/// Read other people's sessions.
pub const SESSIONS_READ: Permission =
    Permission::new("sessions:read", "Read the sessions and access tokens of every account.");
/// End other people's sessions.
pub const SESSIONS_REVOKE: Permission =
    Permission::new("sessions:revoke", "End sessions and access tokens of other accounts.");
/// Read the audit trail.
pub const AUDIT_READ: Permission = Permission::new("audit:read", "Read the audit trail.");

/// Every permission there is, by name. What is not in it can be neither granted nor demanded.
#[derive(Debug, Clone)]
pub struct Catalogue(BTreeMap<&'static str, Permission>);

impl Catalogue {
    /// The permissions Fieldguard's own schema speaks of.
    #[must_use]
    pub fn builtin() -> Self {
        let users = [USERS_READ, USERS_WRITE, USERS_DELETE, USERS_IMPORT];
        let rest = [ROLES_READ, ROLES_ASSIGN, ROLES_WRITE, SESSIONS_READ, SESSIONS_REVOKE, AUDIT_READ];
        users.into_iter().chain(rest).fold(Self(BTreeMap::new()), Self::with)
    }

    /// The same with one more.
    ///
    /// # Panics
    ///
    /// Where the name is taken with another description: two meanings of one grant are a hole.
    #[must_use]
    pub fn with(mut self, permission: Permission) -> Self {
        let before = self.0.insert(permission.name, permission);
        assert!(before.is_none_or(|it| it == permission), "the permission `{}` is declared twice", permission.name);
        self
    }

    /// The permission of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Permission> {
        self.0.get(name).copied()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = Permission> {
        self.0.values().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for good in ["users:read", "a:b", "x-1:y-2"] {
            assert!(is_well_formed(good.as_bytes()), "{good}");
        }
        for bad in ["", ":", "users", "users:", ":read", "a:b:c", "Users:read", "users read", "users:réad"] {
            assert!(!is_well_formed(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    #[should_panic(expected = "declared twice")]
    fn one_name_has_one_meaning() {
        let _ = Catalogue::builtin().with(Permission::new("users:read", "Something else."));
    }
}
