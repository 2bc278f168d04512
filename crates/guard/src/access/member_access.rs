//! Access to single fields.

use fieldguard_policy::{
    Principal,
    missing::Missing,
    rule::{Refusal, Rule},
};

use super::{Access, phrase};
use crate::{authorize::Verdict, registry::Member};

/// A caller's access to one field, with the rules and what the caller is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberAccess {
    /// The field coordinate, `Type.field`.
    pub coordinate: String,
    /// The caller's access to the field.
    pub access: Access,
    /// The field's rules. The caller must pass all of them.
    pub rules: Vec<Rule>,
    /// What the caller is missing.
    pub missing: Vec<Missing>,
}

impl MemberAccess {
    /// The access of `caller` to the field on values of any owner.
    #[must_use]
    pub fn of(member: &Member, caller: Option<&dyn Principal>) -> Self {
        Self::by(member, Verdict::of(&member.rules, caller, None), caller)
    }

    /// The access to the field at one place in a document.
    #[must_use]
    pub(crate) fn by(member: &Member, verdict: Verdict, caller: Option<&dyn Principal>) -> Self {
        let missing = || {
            let mut missing: Vec<_> = member.rules.iter().flat_map(|rule| Missing::of(rule, caller)).collect();
            missing.dedup();
            missing
        };
        let (access, missing) = match verdict {
            Verdict::Allowed => (Access::Allowed, Vec::new()),
            Verdict::Denied(_, Refusal::NotFresh) => (Access::Denied, vec![Missing::Freshness]),
            Verdict::Denied(_, Refusal::OneFactor) => (Access::Denied, vec![Missing::SecondFactor]),
            Verdict::Denied(_, Refusal::NoSession) => (Access::Denied, vec![Missing::Session]),
            Verdict::Denied(..) => (Access::Denied, missing()),
            Verdict::Depends(..) => (Access::Own, missing()),
        };
        Self { coordinate: member.coordinate.clone(), access, rules: member.rules.clone(), missing }
    }

    /// The rules as directives, in the form of the printed schema.
    #[must_use]
    pub fn phrase(&self) -> String {
        phrase(&self.rules)
    }
}
