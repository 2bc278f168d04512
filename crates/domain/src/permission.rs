//! The permissions that Fieldguard's own schema demands.

pub use fieldguard_policy::permission::{Catalogue, Permission};

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

/// These, to which a server adds its own:
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
    let rest = [ROLES_READ, ROLES_ASSIGN, ROLES_WRITE, SESSIONS_READ, SESSIONS_REVOKE, AUDIT_READ];
    users.into_iter().chain(rest).fold(Catalogue::new(), Catalogue::with)
}
