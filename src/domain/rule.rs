//! Rules: what a field demands of the principal, and the decision. This is the product in forty lines.
//!
//! A rule looks at the caller and, for `or_self`, at whether the value belongs to the caller. It never looks anything up:
//! what would need a query is not a rule but a use case. How a rule reaches a GraphQL field is [`crate::graphql::guard`].

use std::fmt;

use super::{permission::Permission, principal::Principal};

/// What a field demands. All of its demands must be met, unless it is the caller's own and `or_self` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    signed_in: bool,
    role: Option<&'static str>,
    permission: Option<Permission>,
    or_self: bool,
}

impl Rule {
    /// Anyone, signed in or not.
    pub const PUBLIC: Self = Self { signed_in: false, role: None, permission: None, or_self: false };
    /// Anyone who is signed in.
    pub const SIGNED_IN: Self = Self { signed_in: true, ..Self::PUBLIC };

    /// The same rule, and the caller holds the role of that name.
    #[must_use]
    pub const fn role(self, name: &'static str) -> Self {
        Self { signed_in: true, role: Some(name), ..self }
    }

    /// The same rule, and the caller holds the permission.
    #[must_use]
    pub const fn permission(self, permission: Permission) -> Self {
        Self { signed_in: true, permission: Some(permission), ..self }
    }

    /// The same rule, waived where the value belongs to the caller.
    #[must_use]
    pub const fn or_self(self) -> Self {
        Self { or_self: true, ..self }
    }

    /// Does it let everyone pass?
    #[must_use]
    pub const fn is_public(&self) -> bool {
        !self.signed_in
    }

    /// The role demanded.
    #[must_use]
    pub const fn demanded_role(&self) -> Option<&'static str> {
        self.role
    }

    /// The permission demanded.
    #[must_use]
    pub const fn demanded_permission(&self) -> Option<Permission> {
        self.permission
    }

    /// Does it make way for the owner?
    #[must_use]
    pub const fn yields_to_owner(&self) -> bool {
        self.or_self
    }

    /// Decides for `caller` (nobody: an anonymous request) on a value that is the caller's own or not.
    ///
    /// # Errors
    ///
    /// The reason for the refusal.
    pub fn decide(&self, caller: Option<&Principal>, is_own: bool) -> Result<(), Refusal> {
        if self.is_public() || (self.or_self && is_own) {
            return Ok(());
        }
        let caller = caller.ok_or(Refusal::Unauthenticated)?;
        let role = self.role.is_none_or(|name| caller.has_role(name));
        let permission = self.permission.is_none_or(|it| caller.can(it));
        if role && permission { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

/// Why a rule refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is signed in.
    Unauthenticated,
    /// Somebody is, who may not.
    Forbidden,
}

/// The demands as a phrase: "the permission `users:read`, or being the account itself".
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.role, self.permission) {
            (Some(role), Some(permission)) => {
                write!(f, "the role `{role}` and the permission `{}`", permission.name())?;
            }
            (Some(role), None) => write!(f, "the role `{role}`")?,
            (None, Some(permission)) => write!(f, "the permission `{}`", permission.name())?,
            (None, None) if self.signed_in => f.write_str("being signed in")?,
            (None, None) => f.write_str("nothing")?,
        }
        if self.or_self { f.write_str(", or being the account itself") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        id::{SessionId, UserId},
        permission::{ROLES_READ, USERS_READ},
        role::RoleName,
    };

    fn holder(role: &str, permissions: &[&str]) -> Principal {
        let epoch = chrono::DateTime::UNIX_EPOCH;
        let role = RoleName::parse(role).unwrap();
        Principal::new(UserId::new(epoch), SessionId::new(epoch), [role], permissions.iter().map(|it| (*it).to_owned()))
    }

    #[test]
    fn decides() {
        let (user, support, admin) = (holder("user", &[]), holder("support", &["users:read"]), holder("admin", &[]));
        let read = Rule::SIGNED_IN.permission(USERS_READ);
        let both = read.role("support");
        let own = read.or_self();
        let (pass, anonymous, forbidden) = (Ok(()), Err(Refusal::Unauthenticated), Err(Refusal::Forbidden));
        for (rule, caller, is_own, expected) in [
            (Rule::PUBLIC, None, false, pass),
            (Rule::SIGNED_IN, None, false, anonymous),
            (Rule::SIGNED_IN, Some(&user), false, pass),
            (read, None, false, anonymous),
            (read, Some(&user), false, forbidden),
            (read, Some(&user), true, forbidden),
            (read, Some(&support), false, pass),
            (read, Some(&admin), false, pass),
            (both, Some(&support), false, pass),
            (both, Some(&admin), false, forbidden),
            (own, Some(&user), true, pass),
            (own, Some(&user), false, forbidden),
            (own, None, false, anonymous),
            (own, Some(&support), false, pass),
            (Rule::PUBLIC.role("admin"), None, false, anonymous),
            (Rule::PUBLIC.permission(ROLES_READ), Some(&support), false, forbidden),
        ] {
            assert_eq!(rule.decide(caller, is_own), expected, "{rule}, own: {is_own}, {caller:?}");
        }
    }

    #[test]
    fn reads_as_a_phrase() {
        assert_eq!(Rule::PUBLIC.to_string(), "nothing");
        assert_eq!(Rule::SIGNED_IN.to_string(), "being signed in");
        assert_eq!(
            Rule::SIGNED_IN.permission(USERS_READ).or_self().to_string(),
            "the permission `users:read`, or being the account itself"
        );
    }
}
