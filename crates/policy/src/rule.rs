//! Rules: what a field demands of the principal, and the decision. This is the product in forty lines.
//!
//! A rule looks at the caller and, for `or_self`, at whether the value belongs to the caller. It never looks anything up:
//! what would need a query is not a rule.

use std::fmt;

use crate::{Principal, permission::Permission};

/// What a field demands. All of its demands must be met; a role and a permission need not be, where the value is the
/// caller's own and `or_self` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    standing: Standing,
    role: Option<&'static str>,
    permission: Option<Permission>,
    or_self: bool,
}

/// How the caller has to have signed in. Each demands all that those before it demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Anyhow,
    SignedIn,
    Session,
    FreshSession,
}

impl Rule {
    /// Anyone, signed in or not.
    pub const PUBLIC: Self = Self { standing: Standing::Anyhow, role: None, permission: None, or_self: false };
    /// Anyone who is signed in.
    pub const SIGNED_IN: Self = Self { standing: Standing::SignedIn, ..Self::PUBLIC };

    /// The same rule, and the caller holds the role of that name.
    #[must_use]
    pub const fn role(self, name: &'static str) -> Self {
        Self { role: Some(name), ..self.at_least(Standing::SignedIn) }
    }

    /// The same rule, and the caller holds the permission.
    #[must_use]
    pub const fn permission(self, permission: Permission) -> Self {
        Self { permission: Some(permission), ..self.at_least(Standing::SignedIn) }
    }

    /// The same rule, waived where the value belongs to the caller.
    #[must_use]
    pub const fn or_self(self) -> Self {
        Self { or_self: true, ..self }
    }

    /// The same rule, and the caller came by a session: a token of a program does not do.
    #[must_use]
    pub const fn session(self) -> Self {
        self.at_least(Standing::Session)
    }

    /// The same rule, and the caller came by a session in which the password was given a short while ago, as
    /// [`Principal::is_fresh`] says.
    #[must_use]
    pub const fn fresh(self) -> Self {
        self.at_least(Standing::FreshSession)
    }

    const fn at_least(self, standing: Standing) -> Self {
        if self.standing as u8 >= standing as u8 { self } else { Self { standing, ..self } }
    }

    /// Does it let everyone pass?
    #[must_use]
    pub const fn is_public(&self) -> bool {
        matches!(self.standing, Standing::Anyhow)
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

    /// Does it demand a session? A rule that demands a fresh one does.
    #[must_use]
    pub const fn demands_session(&self) -> bool {
        matches!(self.standing, Standing::Session | Standing::FreshSession)
    }

    /// Does it demand a fresh session?
    #[must_use]
    pub const fn demands_fresh(&self) -> bool {
        matches!(self.standing, Standing::FreshSession)
    }

    /// Decides for `caller` (none: an anonymous request) on a value that is the caller's own or not.
    ///
    /// # Errors
    ///
    /// The reason for the refusal.
    pub fn decide<P: Principal + ?Sized>(&self, caller: Option<&P>, is_own: bool) -> Result<(), Refusal> {
        let is_waived = self.or_self && is_own;
        let Some(caller) = caller else {
            // An owner without a principal signed in by this very request, and so just gave the password.
            return if self.is_public() || is_waived { Ok(()) } else { Err(Refusal::Unauthenticated) };
        };
        let role = self.role.is_none_or(|name| caller.has_role(name));
        let permission = self.permission.is_none_or(|it| caller.can(it));
        if !(is_waived || role && permission) {
            return Err(Refusal::Forbidden);
        }
        if self.demands_session() && !caller.has_session() {
            return Err(Refusal::NoSession);
        }
        // The last of all, so that a client that reads it knows that nothing but the password is missing.
        if self.demands_fresh() && !caller.is_fresh() { Err(Refusal::NotFresh) } else { Ok(()) }
    }
}

/// Why a rule refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The caller is not signed in.
    Unauthenticated,
    /// The caller lacks the role or the permission, and is not the owner where that would do.
    Forbidden,
    /// The caller may, but not as a program with a token of its own.
    NoSession,
    /// The caller may, once the password was given again.
    NotFresh,
}

impl Rule {
    /// The demands, as the end of "It needs …". `ownership` says what it is to own a value, as the end of "or …".
    #[must_use]
    pub fn phrase(&self, ownership: &str) -> String {
        let role = self.role.map(|name| format!("the role `{name}`"));
        let permission = self.permission.map(|permission| format!("the permission `{}`", permission.name()));
        let session = match self.standing {
            Standing::FreshSession => Some("a fresh session".to_owned()),
            Standing::Session => Some("a session".to_owned()),
            Standing::SignedIn | Standing::Anyhow => None,
        };
        let or_self = if self.or_self { format!(", or {ownership}") } else { String::new() };
        let held: Vec<String> = role.into_iter().chain(permission).collect();
        let held = (!held.is_empty()).then(|| held.join(" and ") + &or_self);
        match (held, session) {
            (Some(held), Some(session)) if self.or_self => format!("{held}; and {session}"),
            (Some(held), Some(session)) => format!("{held} and {session}"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) if self.standing == Standing::SignedIn => "being signed in".to_owned(),
            (None, None) => "nothing".to_owned(),
        }
    }
}

/// The demands as a phrase: "the permission `users:read`, or ownership".
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.phrase("ownership"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::toy::Toy;

    const ROLES_READ: Permission = Permission::new("roles:read", "Read roles.");
    const USERS_READ: Permission = Permission::new("users:read", "Read accounts.");

    #[test]
    fn decides() {
        let (user, admin) = (Toy::new("user", &[]), Toy::new("admin", &[]));
        let support = Toy::new("support", &[USERS_READ]);
        let (fresh, script) = (user.fresh(), Toy::program());
        let (session, again) = (Rule::SIGNED_IN.session(), Rule::SIGNED_IN.fresh());
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
            "the permission `users:read`, or ownership"
        );
        let both = Rule::SIGNED_IN.role("support").permission(USERS_READ);
        assert_eq!(both.fresh().to_string(), "the role `support` and the permission `users:read` and a fresh session");
        assert_eq!(Rule::SIGNED_IN.session().to_string(), "a session");
        assert_eq!(
            Rule::SIGNED_IN.permission(USERS_READ).or_self().session().to_string(),
            "the permission `users:read`, or ownership; and a session"
        );
    }
}
