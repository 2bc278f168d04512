//! Permissions: what callers may do, named `resource:action`, declared in code with a description and collected in a
//! [`Catalogue`]. Roles, which are data, assign permissions to users.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    hash::{Hash, Hasher},
};

/// A permission. Its name alone identifies it: a rule that is read from a schema has no description.
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
    /// describes it.
    ///
    /// # Panics
    ///
    /// If the name has another form. In a constant this fails the compilation.
    #[must_use]
    pub const fn new(name: &'static str, description: &'static str) -> Self {
        assert!(
            is_well_formed(name.as_bytes()),
            "a permission name must have the form `resource:action`, in lower case"
        );
        assert!(!description.is_empty(), "a permission needs a description");
        Self { name, description }
    }

    /// The name, as roles store it and clients see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What the permission allows, in one sentence for administrators.
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

/// All permissions, by name. A permission that is not in the catalogue can be neither granted nor required.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(BTreeMap<&'static str, Permission>);

impl Catalogue {
    /// An empty catalogue.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a permission.
    ///
    /// # Panics
    ///
    /// If the name is already taken with another description: one grant with two meanings is a security hole.
    #[must_use]
    pub fn with(mut self, permission: Permission) -> Self {
        let before = self.0.insert(permission.name, permission);
        assert!(
            before.is_none_or(|before| before.description == permission.description),
            "the permission `{}` is declared twice with different descriptions",
            permission.name
        );
        self
    }

    /// The permission with this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Permission> {
        self.0.get(name).copied()
    }

    /// All permissions, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = Permission> {
        self.0.values().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_form_resource_action() {
        for good in ["users:read", "a:b", "x-1:y-2"] {
            assert!(is_well_formed(good.as_bytes()), "{good}");
        }
        for bad in ["", ":", "users", "users:", ":read", "a:b:c", "Users:read", "users read", "users:réad"] {
            assert!(!is_well_formed(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn permissions_are_equal_by_name() {
        let declared = Permission::new("users:read", "Something.");
        assert_eq!(declared, Permission::new("users:read", "Named by the schema."));
        assert_ne!(declared, Permission::new("users:write", "Something."));
    }

    #[test]
    #[should_panic(expected = "declared twice")]
    fn a_name_with_two_descriptions_panics() {
        let once = Catalogue::new().with(Permission::new("users:read", "Something."));
        let _ = once.with(Permission::new("users:read", "Something else."));
    }
}
