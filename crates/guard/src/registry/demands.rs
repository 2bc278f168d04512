//! Rules as sets of demands, to compare them for all possible callers instead of the existing ones.

use std::collections::BTreeSet;

use fieldguard_policy::rule::Rule;

/// The demands on a caller. Fewer callers meet a larger set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Demands(BTreeSet<Demand>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Demand {
    SignedIn,
    Session,
    TwoFactors,
    Fresh,
    Role(&'static str),
    Permission(&'static str),
}

impl Demands {
    /// The demands for seeing a field with these rules; see [`is_seen`](crate::is_seen).
    pub(super) fn to_see(rules: &[Rule]) -> Self {
        let mut demands = Self::of(rules.iter().filter(|rule| !rule.yields_to_owner()));
        demands.0.remove(&Demand::Fresh);
        demands.0.remove(&Demand::TwoFactors);
        demands
    }

    /// The demands of these rules on the owner of the value.
    fn of_owners(rules: &[Rule]) -> Self {
        let own = rules
            .iter()
            .flat_map(|rule| each(rule).filter(move |demand| !rule.yields_to_owner() || demand.holds_for_owners()));
        Self(own.collect())
    }

    fn of<'a>(rules: impl Iterator<Item = &'a Rule>) -> Self {
        Self(rules.flat_map(each).collect())
    }

    /// The union of both sets.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(&self.0 | &other.0)
    }

    /// Whether every caller who meets these demands also meets `other`. A caller with the role `superuser` has every
    /// permission.
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
    /// Whether a rule with `or_self` demands this of the owner, too.
    const fn holds_for_owners(self) -> bool {
        matches!(self, Self::Session | Self::TwoFactors | Self::Fresh)
    }
}

fn each(rule: &Rule) -> impl Iterator<Item = Demand> + use<> {
    let demands = [
        (!rule.is_public()).then_some(Demand::SignedIn),
        rule.demands_session().then_some(Demand::Session),
        rule.demands_mfa().then_some(Demand::TwoFactors),
        rule.demands_fresh().then_some(Demand::Fresh),
        rule.demanded_role().map(Demand::Role),
        rule.demanded_permission().map(|permission| Demand::Permission(permission.name())),
    ];
    demands.into_iter().flatten()
}

/// Whether every caller who passes all of `strict` passes all of `rules`, as the owner of the value and as another
/// caller.
pub(super) fn imply(strict: &[Rule], rules: &[Rule], superuser: Option<&str>) -> bool {
    let of_others = Demands::of(strict.iter());
    let of_owners = Demands::of_owners(strict);
    of_others.cover(&Demands::of(rules.iter()), superuser) && of_owners.cover(&Demands::of_owners(rules), superuser)
}

#[cfg(test)]
mod tests {
    use fieldguard_policy::permission::Permission;

    use super::*;

    const ADMIN: &str = "admin";
    const ROLES_READ: Permission = Permission::new("roles:read", "Read roles.");
    const USERS_READ: Permission = Permission::new("users:read", "Read accounts.");

    #[test]
    fn rules_are_compared_for_all_callers() {
        let read = Rule::SIGNED_IN.permission(USERS_READ);
        let other = Rule::SIGNED_IN.permission(ROLES_READ);
        for (strict, rules, expected) in [
            (vec![read], vec![Rule::PUBLIC], true),
            (vec![read], vec![Rule::SIGNED_IN], true),
            (vec![Rule::SIGNED_IN], vec![read], false),
            (vec![read], vec![other], false),
            (vec![read.mfa()], vec![read.session()], true),
            (vec![read.session()], vec![read.mfa()], false),
            (vec![read.or_self().mfa()], vec![Rule::SIGNED_IN.mfa()], true),
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
