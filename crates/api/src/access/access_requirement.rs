//! `AccessRequirement`: a rule as data.

use async_graphql::SimpleObject;
use fieldguard_domain::{permission::Permission, rule::Rule};
use fieldguard_guard::guarded;

/// A rule as data. A caller must meet all of it.
#[guarded(public)]
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "clients test each requirement")]
pub struct AccessRequirement {
    /// Whether the caller must be signed in. False for a field that is open to everyone.
    signed_in: bool,
    /// The name of the required role.
    role: Option<String>,
    /// The name of the required permission.
    permission: Option<String>,
    /// Whether the account owner needs neither the role nor the permission.
    or_self: bool,
    /// Whether the caller must have a session. A personal access token has none.
    session: bool,
    /// Whether the caller must have proved two factors in the session, such as a password and a code.
    mfa: bool,
    /// Whether the session must be fresh: the password was entered within the last five minutes.
    fresh: bool,
}

impl From<&Rule> for AccessRequirement {
    fn from(rule: &Rule) -> Self {
        Self {
            signed_in: !rule.is_public(),
            role: rule.demanded_role().map(str::to_owned),
            permission: rule.demanded_permission().map(Permission::name).map(str::to_owned),
            or_self: rule.yields_to_owner(),
            session: rule.demands_session(),
            mfa: rule.demands_mfa(),
            fresh: rule.demands_fresh(),
        }
    }
}
