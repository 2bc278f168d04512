//! What a caller lacks to satisfy a rule, requirement by requirement, for messages that say what would help. It makes
//! no decision: [`Rule::decide`] does, and a test checks that both agree.

use crate::{
    Principal,
    permission::Permission,
    rule::{Refusal, Rule},
};

/// A requirement that the caller does not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The caller is not signed in.
    SignIn,
    /// The value is not known to be the caller's own; ownership alone would suffice.
    Ownership,
    /// The caller lacks the role with this name.
    Role(&'static str),
    /// The caller lacks the permission.
    Permission(Permission),
    /// The caller uses a token of a program and so has no session.
    Session,
    /// The user proved only one factor.
    SecondFactor,
    /// The user did not give the password a short while ago.
    Freshness,
}

impl Missing {
    /// Everything that `caller` lacks to satisfy `rule` on a value of another owner, in the order of the checks. A
    /// caller who is not signed in lacks the role and the permission, too.
    #[must_use]
    pub fn of<P: Principal + ?Sized>(rule: &Rule, caller: Option<&P>) -> Vec<Self> {
        if rule.is_public() {
            return Vec::new();
        }
        let missing_role = rule.demanded_role().filter(|name| caller.is_none_or(|caller| !caller.has_role(name)));
        let missing_permission =
            rule.demanded_permission().filter(|permission| caller.is_none_or(|caller| !caller.can(*permission)));
        let is_ownership_missing = rule.yields_to_owner() && (missing_role.is_some() || missing_permission.is_some());
        let no_session = rule.demands_session() && caller.is_some_and(|caller| !caller.has_session());
        let one_factor =
            rule.demands_mfa() && caller.is_some_and(|caller| caller.has_session() && !caller.is_multi_factor());
        let not_fresh = rule.demands_fresh() && caller.is_some_and(|caller| caller.has_session() && !caller.is_fresh());
        let missing = [
            caller.is_none().then_some(Self::SignIn),
            is_ownership_missing.then_some(Self::Ownership),
            missing_role.map(Self::Role),
            missing_permission.map(Self::Permission),
            no_session.then_some(Self::Session),
            one_factor.then_some(Self::SecondFactor),
            not_fresh.then_some(Self::Freshness),
        ];
        missing.into_iter().flatten().collect()
    }

    /// Why `rule` denied `caller`, as a code: the first missing requirement.
    #[must_use]
    pub fn reason<P: Principal + ?Sized>(rule: &Rule, refusal: Refusal, caller: Option<&P>) -> &'static str {
        match refusal {
            Refusal::Unauthenticated => Self::SignIn.word(),
            Refusal::NoSession => Self::Session.word(),
            Refusal::OneFactor => Self::SecondFactor.word(),
            Refusal::NotFresh => Self::Freshness.word(),
            Refusal::Forbidden => {
                Self::of(rule, caller).first().map_or(Self::Ownership.word(), |missing| missing.word())
            }
        }
    }

    /// The code of the requirement.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::SignIn => "NOT_SIGNED_IN",
            Self::Ownership => "NOT_OWNER",
            Self::Role(_) => "MISSING_ROLE",
            Self::Permission(_) => "MISSING_PERMISSION",
            Self::Session => "SESSION_REQUIRED",
            Self::SecondFactor => "SECOND_FACTOR_REQUIRED",
            Self::Freshness => "REAUTHENTICATION_REQUIRED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::stub::StubPrincipal;

    const ROLES_READ: Permission = Permission::new("roles:read", "Read roles.");
    const USERS_READ: Permission = Permission::new("users:read", "Read accounts.");

    fn callers() -> Vec<Option<StubPrincipal>> {
        let some = [
            StubPrincipal::new("user", &[]),
            StubPrincipal::new("support", &[USERS_READ]),
            StubPrincipal::new("admin", &[]),
        ];
        let some = some.into_iter().flat_map(|principal| {
            [principal, principal.fresh(), principal.multi_factor(), principal.fresh().multi_factor()]
        });
        [None, Some(StubPrincipal::program())].into_iter().chain(some.map(Some)).collect()
    }

    #[test]
    fn nothing_is_missing_exactly_when_the_rule_passes() {
        let read = Rule::SIGNED_IN.permission(USERS_READ);
        let rules = [Rule::PUBLIC, Rule::SIGNED_IN, read, read.role("support"), Rule::SIGNED_IN.role("admin")];
        let owned = rules.into_iter().flat_map(|rule| [rule, rule.permission(ROLES_READ).or_self()]);
        for rule in owned.flat_map(|rule| [rule, rule.session(), rule.fresh(), rule.mfa(), rule.mfa().fresh()]) {
            for caller in callers() {
                let caller = caller.as_ref();
                let missing = Missing::of(&rule, caller);
                match rule.decide(caller, false) {
                    Ok(()) => assert_eq!(missing, [], "{rule}, {caller:?}"),
                    Err(refusal) => {
                        assert_ne!(missing, [], "{rule}, {caller:?}");
                        assert_eq!(missing[0].word(), Missing::reason(&rule, refusal, caller), "{rule}, {caller:?}");
                    }
                }
            }
        }
    }
}
