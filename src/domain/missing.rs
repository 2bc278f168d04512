//! What a caller lacks to pass a rule, demand by demand: for people who are to be told what would help. It decides nothing;
//! [`Rule::decide`] does, and a test holds the two together.

use super::{
    permission::Permission,
    principal::Principal,
    rule::{Refusal, Rule},
};

/// A demand that is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nobody is signed in.
    SignIn,
    /// The value is not known to be the caller's own, which alone would do.
    Ownership,
    /// The caller lacks the role of that name.
    Role(&'static str),
    /// The caller lacks the permission.
    Permission(Permission),
    /// The caller came by a personal access token, not by a session.
    Session,
    /// The password was not given a short while ago.
    Freshness,
}

impl Missing {
    /// Everything that `caller` lacks to pass `rule` on a value that is not his own, in the order in which it is asked for.
    /// Somebody who is not signed in lacks the role and the permission, too.
    #[must_use]
    pub fn of(rule: &Rule, caller: Option<&Principal>) -> Vec<Self> {
        if rule.is_public() {
            return Vec::new();
        }
        let role = rule.demanded_role().filter(|name| caller.is_none_or(|it| !it.has_role(name)));
        let permission = rule.demanded_permission().filter(|it| caller.is_none_or(|caller| !caller.can(*it)));
        let is_to_be_owner = rule.yields_to_owner() && (role.is_some() || permission.is_some());
        let no_session = rule.demands_session() && caller.is_some_and(|it| it.session().is_none());
        let not_fresh = rule.demands_fresh() && caller.is_some_and(|it| it.session().is_some() && !it.is_fresh());
        let missing = [
            caller.is_none().then_some(Self::SignIn),
            is_to_be_owner.then_some(Self::Ownership),
            role.map(Self::Role),
            permission.map(Self::Permission),
            no_session.then_some(Self::Session),
            not_fresh.then_some(Self::Freshness),
        ];
        missing.into_iter().flatten().collect()
    }

    /// Why `rule` refused `caller`, in one word: the first thing that is missing.
    #[must_use]
    pub fn reason(rule: &Rule, refusal: Refusal, caller: Option<&Principal>) -> &'static str {
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
            Self::Session => "NO_SESSION",
            Self::Freshness => "NOT_FRESH",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        id::{AccessTokenId, SessionId, UserId},
        permission::{ROLES_READ, USERS_READ},
        role::RoleName,
    };

    fn callers() -> Vec<Option<Principal>> {
        let epoch = chrono::DateTime::UNIX_EPOCH;
        let (user, session) = (UserId::new(epoch), SessionId::new(epoch));
        let holder = |role: &str, permissions: &[&str]| {
            let role = RoleName::parse(role).unwrap();
            Principal::new(user, session, [role], permissions.iter().map(|it| (*it).to_owned()))
        };
        let some = [holder("user", &[]), holder("support", &["users:read"]), holder("admin", &[])];
        let some = some.into_iter().flat_map(|it| {
            let (fresh, script) =
                (it.clone().in_session(session, true), it.clone().by_token(AccessTokenId::new(epoch), []));
            [it, fresh, script]
        });
        std::iter::once(None).chain(some.map(Some)).collect()
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
