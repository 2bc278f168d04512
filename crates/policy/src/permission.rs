//! Permissions: things that callers may do, named `resource:action`, declared in code with a description, collected in a
//! [`Catalogue`]. Who holds which is data and lives in roles.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    hash::{Hash, Hasher},
};

/// A thing that callers may do. Its name alone tells it from others: a rule that is read from a schema knows no description.
///
/// Declare one as a constant, name it in rules, and add it to the [`Catalogue`]:
///
/// ```
/// use fieldguard_policy::permission::{Catalogue, Permission};
///
/// pub const INVOICES_READ: Permission = Permission::new("invoices:read", "Read every invoice.");
///
/// let catalogue = Catalogue::new().with(INVOICES_READ);
/// assert_eq!(catalogue.find("invoices:read"), Some(INVOICES_READ));
/// ```
#[derive(Debug, Clone, Copy)]
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

impl PartialEq for Permission {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Permission {}

impl PartialOrd for Permission {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Permission {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl Hash for Permission {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
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

/// Every permission there is, by name. What is not in it can be neither granted nor demanded.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(BTreeMap<&'static str, Permission>);

impl Catalogue {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The same with one more.
    ///
    /// # Panics
    ///
    /// Where the name is taken with another description: two meanings of one grant are a hole.
    #[must_use]
    pub fn with(mut self, permission: Permission) -> Self {
        let before = self.0.insert(permission.name, permission);
        assert!(
            before.is_none_or(|before| before.description == permission.description),
            "the permission `{}` is declared twice",
            permission.name
        );
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
    fn the_name_alone_tells_permissions_apart() {
        let declared = Permission::new("users:read", "Something.");
        assert_eq!(declared, Permission::new("users:read", "Named by the schema."));
        assert_ne!(declared, Permission::new("users:write", "Something."));
    }

    #[test]
    #[should_panic(expected = "declared twice")]
    fn one_name_has_one_meaning() {
        let once = Catalogue::new().with(Permission::new("users:read", "Something."));
        let _ = once.with(Permission::new("users:read", "Something else."));
    }
}
