//! Access rules: what a field requires of the principal, and the decision.
//!
//! A rule checks the caller and, for `or_self`, whether the caller owns the value. It never looks anything up: a check
//! that needs a query is not a rule.

use std::fmt;

use crate::{Principal, permission::Permission};

/// What a field requires. The caller must meet all requirements. With `or_self`, an owner of the value needs neither
/// the role nor the permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    authentication: Authentication,
    role: Option<&'static str>,
    permission: Option<Permission>,
    or_self: bool,
    mfa: bool,
}

/// How the caller must be authenticated. Each level includes the levels before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Authentication {
    None,
    SignedIn,
    Session,
    FreshSession,
}

impl Rule {
    /// Every caller, signed in or not.
    pub const PUBLIC: Self =
        Self { authentication: Authentication::None, role: None, permission: None, or_self: false, mfa: false };
    /// Every caller who is signed in.
    pub const SIGNED_IN: Self = Self { authentication: Authentication::SignedIn, ..Self::PUBLIC };

    /// Adds a requirement: the caller holds the role with this name.
    #[must_use]
    pub const fn role(self, name: &'static str) -> Self {
        Self { role: Some(name), ..self.at_least(Authentication::SignedIn) }
    }

    /// Adds a requirement: the caller holds the permission.
    #[must_use]
    pub const fn permission(self, permission: Permission) -> Self {
        Self { permission: Some(permission), ..self.at_least(Authentication::SignedIn) }
    }

    /// Waives the role and the permission for the owner of the value.
    #[must_use]
    pub const fn or_self(self) -> Self {
        Self { or_self: true, ..self }
    }

    /// Adds a requirement: the caller has a session. A token of a program does not suffice.
    #[must_use]
    pub const fn session(self) -> Self {
        self.at_least(Authentication::Session)
    }

    /// Adds a requirement: the caller has a session in which the user gave the password a short while ago, see
    /// [`Principal::is_fresh`].
    #[must_use]
    pub const fn fresh(self) -> Self {
        self.at_least(Authentication::FreshSession)
    }

    /// Adds a requirement: the caller has a session in which the user proved two factors, see
    /// [`Principal::is_multi_factor`].
    #[must_use]
    pub const fn mfa(self) -> Self {
        Self { mfa: true, ..self.session() }
    }

    const fn at_least(self, authentication: Authentication) -> Self {
        if self.authentication as u8 >= authentication as u8 { self } else { Self { authentication, ..self } }
    }

    /// Whether every caller satisfies the rule.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        matches!(self.authentication, Authentication::None)
    }

    /// The required role.
    #[must_use]
    pub const fn demanded_role(&self) -> Option<&'static str> {
        self.role
    }

    /// The required permission.
    #[must_use]
    pub const fn demanded_permission(&self) -> Option<Permission> {
        self.permission
    }

    /// Whether the owner of the value needs neither the role nor the permission.
    #[must_use]
    pub const fn yields_to_owner(&self) -> bool {
        self.or_self
    }

    /// Whether a session is required. A fresh session is one.
    #[must_use]
    pub const fn demands_session(&self) -> bool {
        matches!(self.authentication, Authentication::Session | Authentication::FreshSession)
    }

    /// Whether a fresh session is required.
    #[must_use]
    pub const fn demands_fresh(&self) -> bool {
        matches!(self.authentication, Authentication::FreshSession)
    }

    /// Whether a session with two factors is required.
    #[must_use]
    pub const fn demands_mfa(&self) -> bool {
        self.mfa
    }

    /// Decides for `caller` (`None` for an anonymous request) on a value that the caller owns or not.
    ///
    /// # Errors
    ///
    /// The reason why access is denied.
    pub fn decide<P: Principal + ?Sized>(&self, caller: Option<&P>, is_own: bool) -> Result<(), Refusal> {
        let is_waived = self.or_self && is_own;
        let Some(caller) = caller else {
            // An owner without a principal signed in with this very request, and so just gave the password. Whether
            // they proved a second factor is not known here.
            return if self.is_public() || is_waived && !self.mfa { Ok(()) } else { Err(Refusal::Unauthenticated) };
        };
        let role = self.role.is_none_or(|name| caller.has_role(name));
        let permission = self.permission.is_none_or(|permission| caller.can(permission));
        if !(is_waived || role && permission) {
            return Err(Refusal::Forbidden);
        }
        if self.demands_session() && !caller.has_session() {
            return Err(Refusal::NoSession);
        }
        if self.mfa && !caller.is_multi_factor() {
            return Err(Refusal::OneFactor);
        }
        // This check is last, so that its error tells a client that only the password is missing.
        if self.demands_fresh() && !caller.is_fresh() { Err(Refusal::NotFresh) } else { Ok(()) }
    }
}

/// Why a rule denies access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The caller is not signed in.
    Unauthenticated,
    /// The caller lacks the role or the permission, and is not the owner if ownership would suffice.
    Forbidden,
    /// The caller has access, but only with a session.
    NoSession,
    /// The caller has access, but only with a second factor.
    OneFactor,
    /// The caller has access after giving the password again.
    NotFresh,
}

impl Rule {
    /// The requirements, as the end of "It needs …". `ownership` describes who owns a value, as the end of "or …".
    #[must_use]
    pub fn phrase(&self, ownership: &str) -> String {
        let role = self.role.map(|name| format!("the role `{name}`"));
        let permission = self.permission.map(|permission| format!("the permission `{}`", permission.name()));
        let session = match self.authentication {
            Authentication::FreshSession => Some("a fresh session"),
            Authentication::Session => Some("a session"),
            Authentication::SignedIn | Authentication::None => None,
        };
        let session = session.map(|kind| if self.mfa { format!("{kind} with two factors") } else { kind.to_owned() });
        let or_self = if self.or_self { format!(", or {ownership}") } else { String::new() };
        let held: Vec<String> = role.into_iter().chain(permission).collect();
        let held = (!held.is_empty()).then(|| held.join(" and ") + &or_self);
        match (held, session) {
            (Some(held), Some(session)) if self.or_self => format!("{held}; and {session}"),
            (Some(held), Some(session)) => format!("{held} and {session}"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) if self.authentication == Authentication::SignedIn => "being signed in".to_owned(),
            (None, None) => "nothing".to_owned(),
        }
    }
}

/// The requirements as a phrase: "the permission `users:read`, or ownership".
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.phrase("ownership"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::stub::StubPrincipal;

    const ROLES_READ: Permission = Permission::new("roles:read", "Read roles.");
    const USERS_READ: Permission = Permission::new("users:read", "Read accounts.");

    #[test]
    fn decides_by_rule_caller_and_ownership() {
        let (user, admin) = (StubPrincipal::new("user", &[]), StubPrincipal::new("admin", &[]));
        let support = StubPrincipal::new("support", &[USERS_READ]);
        let (fresh, script) = (user.fresh(), StubPrincipal::program());
        let (session, again) = (Rule::SIGNED_IN.session(), Rule::SIGNED_IN.fresh());
        let (mfa, both_factors) = (Rule::SIGNED_IN.mfa(), user.multi_factor());
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
            (session, None, false, anonymous),
            (session, Some(&user), false, pass),
            (session, Some(&script), false, Err(Refusal::NoSession)),
            (again, None, false, anonymous),
            (again, Some(&user), false, Err(Refusal::NotFresh)),
            (again, Some(&script), false, Err(Refusal::NoSession)),
            (again, Some(&fresh), false, pass),
            (own.fresh(), Some(&user), false, forbidden),
            (own.fresh(), Some(&user), true, Err(Refusal::NotFresh)),
            (own.fresh(), Some(&fresh), true, pass),
            (own.fresh(), None, true, pass),
            (Rule::PUBLIC.fresh(), None, false, anonymous),
            (mfa, None, false, anonymous),
            (mfa, Some(&script), false, Err(Refusal::NoSession)),
            (mfa, Some(&user), false, Err(Refusal::OneFactor)),
            (mfa, Some(&fresh), false, Err(Refusal::OneFactor)),
            (mfa, Some(&both_factors), false, pass),
            (mfa.fresh(), Some(&both_factors), false, Err(Refusal::NotFresh)),
            (mfa.fresh(), Some(&fresh), false, Err(Refusal::OneFactor)),
            (mfa.fresh(), Some(&both_factors.fresh()), false, pass),
            (own.mfa(), Some(&user), true, Err(Refusal::OneFactor)),
            (own.mfa(), Some(&both_factors), false, forbidden),
            (own.mfa(), None, true, anonymous),
        ] {
            assert_eq!(rule.decide(caller, is_own), expected, "{rule}, own: {is_own}, {caller:?}");
        }
    }

    #[test]
    fn displays_as_a_phrase() {
        assert_eq!(Rule::PUBLIC.to_string(), "nothing");
        assert_eq!(Rule::SIGNED_IN.to_string(), "being signed in");
        assert_eq!(
            Rule::SIGNED_IN.permission(USERS_READ).or_self().to_string(),
            "the permission `users:read`, or ownership"
        );
        let both = Rule::SIGNED_IN.role("support").permission(USERS_READ);
        assert_eq!(both.fresh().to_string(), "the role `support` and the permission `users:read` and a fresh session");
        assert_eq!(Rule::SIGNED_IN.session().to_string(), "a session");
        assert_eq!(Rule::SIGNED_IN.mfa().to_string(), "a session with two factors");
        assert_eq!(Rule::SIGNED_IN.mfa().fresh().to_string(), "a fresh session with two factors");
        assert_eq!(
            Rule::SIGNED_IN.permission(USERS_READ).or_self().session().to_string(),
            "the permission `users:read`, or ownership; and a session"
        );
    }
}
