//! What a caller lacks to pass a rule, demand by demand: for people who are to be told what would help. It decides nothing;
//! [`Rule::decide`] does, and a test holds the two together.

use crate::{
    Principal,
    permission::Permission,
    rule::{Refusal, Rule},
};

/// A demand that is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The caller is not signed in.
    SignIn,
    /// The value is not known to be the caller's own, which alone would do.
    Ownership,
    /// The caller lacks the role of that name.
    Role(&'static str),
    /// The caller lacks the permission.
    Permission(Permission),
    /// The caller is a program with a token of its own, and so has no session.
    Session,
    /// The password was not given a short while ago.
    Freshness,
}

impl Missing {
    /// Everything that `caller` lacks to pass `rule` on a value that is not the caller's own, in the order in which it is asked for.
    /// A caller who is not signed in lacks the role and the permission, too.
    #[must_use]
    pub fn of<P: Principal + ?Sized>(rule: &Rule, caller: Option<&P>) -> Vec<Self> {
        if rule.is_public() {
            return Vec::new();
        }
        let unheld = rule.demanded_role().filter(|name| caller.is_none_or(|it| !it.has_role(name)));
        let permission = rule.demanded_permission().filter(|it| caller.is_none_or(|caller| !caller.can(*it)));
        let is_to_be_owner = rule.yields_to_owner() && (unheld.is_some() || permission.is_some());
        let no_session = rule.demands_session() && caller.is_some_and(|it| !it.has_session());
        let not_fresh = rule.demands_fresh() && caller.is_some_and(|it| it.has_session() && !it.is_fresh());
        let missing = [
            caller.is_none().then_some(Self::SignIn),
            is_to_be_owner.then_some(Self::Ownership),
            unheld.map(Self::Role),
            permission.map(Self::Permission),
            no_session.then_some(Self::Session),
            not_fresh.then_some(Self::Freshness),
        ];
        missing.into_iter().flatten().collect()
    }

    /// Why `rule` refused `caller`, in one word: the first thing that is missing.
    #[must_use]
    pub fn reason<P: Principal + ?Sized>(rule: &Rule, refusal: Refusal, caller: Option<&P>) -> &'static str {
        match refusal {
            Refusal::Unauthenticated => Self::SignIn.word(),
            Refusal::NoSession => Self::Session.word(),
            Refusal::NotFresh => Self::Freshness.word(),
            Refusal::Forbidden => Self::of(rule, caller).first().map_or(Self::Ownership.word(), |it| it.word()),
        }
    }

    /// The word for it, of a closed set.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::SignIn => "NOT_SIGNED_IN",
            Self::Ownership => "NOT_OWNER",
            Self::Role(_) => "MISSING_ROLE",
            Self::Permission(_) => "MISSING_PERMISSION",
            Self::Session => "SESSION_REQUIRED",
            Self::Freshness => "REAUTHENTICATION_REQUIRED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::toy::Toy;

    const ROLES_READ: Permission = Permission::new("roles:read", "Read roles.");
    const USERS_READ: Permission = Permission::new("users:read", "Read accounts.");

    fn callers() -> Vec<Option<Toy>> {
        let some = [Toy::new("user", &[]), Toy::new("support", &[USERS_READ]), Toy::new("admin", &[])];
        let some = some.into_iter().flat_map(|toy| [toy, toy.fresh()]);
        [None, Some(Toy::program())].into_iter().chain(some.map(Some)).collect()
    }

    #[test]
    fn is_nothing_exactly_where_the_rule_passes() {
        let read = Rule::SIGNED_IN.permission(USERS_READ);
        let rules = [Rule::PUBLIC, Rule::SIGNED_IN, read, read.role("support"), Rule::SIGNED_IN.role("admin")];
        let owned = rules.into_iter().flat_map(|it| [it, it.permission(ROLES_READ).or_self()]);
        for rule in owned.flat_map(|it| [it, it.session(), it.fresh()]) {
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
