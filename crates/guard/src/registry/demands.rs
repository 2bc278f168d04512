//! Rules as sets of demands, to compare what they mean for every possible caller rather than for those there are.

use std::collections::BTreeSet;

use fieldguard_policy::rule::Rule;

/// What a caller must be or hold. A greater set is met by fewer callers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Demands(BTreeSet<Demand>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Demand {
    SignedIn,
    Session,
    Fresh,
    Role(&'static str),
    Permission(&'static str),
}

impl Demands {
    /// What seeing a field of these rules demands; see [`is_seen`](crate::graphql::guard::is_seen).
    pub(super) fn to_see(rules: &[Rule]) -> Self {
        let mut demands = Self::of(rules.iter().filter(|it| !it.yields_to_owner()));
        demands.0.remove(&Demand::Fresh);
        demands
    }

    /// What passing these rules demands of the owner.
    fn of_owners(rules: &[Rule]) -> Self {
        let own =
            rules.iter().flat_map(|rule| each(rule).filter(move |it| !rule.yields_to_owner() || it.holds_for_owners()));
        Self(own.collect())
    }

    fn of<'a>(rules: impl Iterator<Item = &'a Rule>) -> Self {
        Self(rules.flat_map(each).collect())
    }

    /// Both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(&self.0 | &other.0)
    }

    /// Does everyone who meets these meet `other` too?
    /// The role `superuser` is met by callers who hold every permission.
    pub(super) fn cover(&self, other: &Self, superuser: Option<&str>) -> bool {
        other.0.iter().all(|demand| self.covers(*demand, superuser))
    }

    fn covers(&self, demand: Demand, superuser: Option<&str>) -> bool {
        let has_all = |held: &Demand| matches!(held, Demand::Role(role) if Some(*role) == superuser);
        match demand {
            Demand::SignedIn => !self.0.is_empty(),
            Demand::Permission(_) if self.0.iter().any(has_all) => true,
            _ => self.0.contains(&demand),
        }
    }
}

impl Demand {
    /// Must the owner meet it, too, where a rule makes way for the owner?
    const fn holds_for_owners(self) -> bool {
        matches!(self, Self::Session | Self::Fresh)
    }
}

fn each(rule: &Rule) -> impl Iterator<Item = Demand> + use<> {
    let demands = [
        (!rule.is_public()).then_some(Demand::SignedIn),
        rule.demands_session().then_some(Demand::Session),
        rule.demands_fresh().then_some(Demand::Fresh),
        rule.demanded_role().map(Demand::Role),
        rule.demanded_permission().map(|it| Demand::Permission(it.name())),
    ];
    demands.into_iter().flatten()
}

/// Does every caller who passes all of `strict` pass all of `rules`, as an owner and as a stranger?
pub(super) fn imply(strict: &[Rule], rules: &[Rule], superuser: Option<&str>) -> bool {
    let of_strangers = Demands::of(strict.iter());
    let of_owners = Demands::of_owners(strict);
    of_strangers.cover(&Demands::of(rules.iter()), superuser) && of_owners.cover(&Demands::of_owners(rules), superuser)
}

#[cfg(test)]
mod tests {
    use fieldguard_policy::permission::Permission;

    use super::*;

    const ADMIN: &str = "admin";
    const ROLES_READ: Permission = Permission::new("roles:read", "Read roles.");
    const USERS_READ: Permission = Permission::new("users:read", "Read accounts.");

    #[test]
    fn compares_for_every_caller() {
        let read = Rule::SIGNED_IN.permission(USERS_READ);
        let other = Rule::SIGNED_IN.permission(ROLES_READ);
        for (strict, rules, expected) in [
            (vec![read], vec![Rule::PUBLIC], true),
            (vec![read], vec![Rule::SIGNED_IN], true),
            (vec![Rule::SIGNED_IN], vec![read], false),
            (vec![read], vec![other], false),
            (vec![read, other], vec![other], true),
            (vec![Rule::SIGNED_IN.role(ADMIN)], vec![other, read], true),
            (vec![Rule::SIGNED_IN.role("support")], vec![other], false),
            (vec![read], vec![read.or_self()], true),
            (vec![read.or_self()], vec![read], false),
            (vec![read.or_self()], vec![Rule::SIGNED_IN], false),
            (vec![Rule::SIGNED_IN, read.or_self()], vec![Rule::SIGNED_IN], true),
            (vec![Rule::SIGNED_IN.fresh()], vec![Rule::SIGNED_IN.session()], true),
            (vec![Rule::SIGNED_IN.session()], vec![Rule::SIGNED_IN.fresh()], false),
            (vec![read], vec![read.or_self().session()], false),
            (vec![read.session()], vec![read.or_self().session()], true),
            (vec![read.or_self().fresh()], vec![read.or_self()], true),
            (vec![read.or_self().fresh()], vec![Rule::SIGNED_IN.session()], true),
        ] {
            assert_eq!(imply(&strict, &rules, Some(ADMIN)), expected, "{strict:?} ⇒ {rules:?}");
        }
    }
}
