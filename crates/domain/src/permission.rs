//! The permissions of Fieldguard's own schema.

pub use fieldguard_policy::permission::{Catalogue, Permission};

/// Read every user, email included.
pub const USERS_READ: Permission =
    Permission::new("users:read", "Read every user: names, email addresses, state and times.");
/// Change users.
pub const USERS_WRITE: Permission =
    Permission::new("users:write", "Create, update, disable, enable and unlock users, and reset passwords.");
/// Delete and restore users.
pub const USERS_DELETE: Permission =
    Permission::new("users:delete", "Schedule the deletion of users, and restore users that are not deleted yet.");
/// Import users from another system.
pub const USERS_IMPORT: Permission =
    Permission::new("users:import", "Import users of another system with their password hashes.");
/// Read roles and the list of permissions.
pub const ROLES_READ: Permission =
    Permission::new("roles:read", "Read every role with its permissions, and the list of all permissions.");
/// Assign roles to users.
pub const ROLES_ASSIGN: Permission = Permission::new("roles:assign", "Assign roles to users and remove them.");
/// Create, update and delete roles.
pub const ROLES_WRITE: Permission = Permission::new("roles:write", "Create, update and delete roles.");
/// Read the sessions of other users.
pub const SESSIONS_READ: Permission =
    Permission::new("sessions:read", "Read the sessions and personal access tokens of every user.");
/// Revoke the sessions of other users.
pub const SESSIONS_REVOKE: Permission =
    Permission::new("sessions:revoke", "Revoke the sessions and personal access tokens of other users.");
/// See the whole schema in introspection.
pub const SCHEMA_READ: Permission =
    Permission::new("schema:read", "See the whole schema in introspection, whatever roles can reach.");
/// Read the audit log.
pub const AUDIT_READ: Permission = Permission::new("audit:read", "Read the audit log.");

/// The built-in permissions, to which a server adds its own:
///
/// ```
/// use fieldguard_domain::permission::{self, Permission};
///
/// pub const INVOICES_READ: Permission = Permission::new("invoices:read", "Read every invoice.");
///
/// let catalogue = permission::builtin().with(INVOICES_READ);
/// assert_eq!(catalogue.find("invoices:read"), Some(INVOICES_READ));
/// ```
#[must_use]
pub fn builtin() -> Catalogue {
    let users = [USERS_READ, USERS_WRITE, USERS_DELETE, USERS_IMPORT];
    let rest = [ROLES_READ, ROLES_ASSIGN, ROLES_WRITE, SESSIONS_READ, SESSIONS_REVOKE, AUDIT_READ, SCHEMA_READ];
    users.into_iter().chain(rest).fold(Catalogue::new(), Catalogue::with)
}
