//! What becomes of a field for one caller, with the rule and what is missing: the answer to "what may I do?".

use fieldguard_policy::{
    Principal,
    missing::Missing,
    rule::{Refusal, Rule},
};

use super::{Access, phrase};
use crate::{authorize::Verdict, registry::Member};

/// A field and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its coordinate, `Type.field`.
    pub coordinate: String,
    /// Whether the caller is let through.
    pub access: Access,
    /// Its rules, of which all hold.
    pub rules: Vec<Rule>,
    /// What the caller lacks.
    pub missing: Vec<Missing>,
}

impl Judged {
    /// The field as `caller` finds it on values of any owner.
    #[must_use]
    pub fn of(member: &Member, caller: Option<&dyn Principal>) -> Self {
        Self::by(member, Verdict::of(&member.rules, caller, None), caller)
    }

    /// The field where a document has it.
    #[must_use]
    pub(crate) fn by(member: &Member, verdict: Verdict, caller: Option<&dyn Principal>) -> Self {
        let lacks = || {
            let mut missing: Vec<_> = member.rules.iter().flat_map(|it| Missing::of(it, caller)).collect();
            missing.dedup();
            missing
        };
        let (access, missing) = match verdict {
            Verdict::Allowed => (Access::Allowed, Vec::new()),
            Verdict::Denied(_, Refusal::NotFresh) => (Access::Denied, vec![Missing::Freshness]),
            Verdict::Denied(_, Refusal::NoSession) => (Access::Denied, vec![Missing::Session]),
            Verdict::Denied(..) => (Access::Denied, lacks()),
            Verdict::Depends(..) => (Access::Own, lacks()),
        };
        Self { coordinate: member.coordinate.clone(), access, rules: member.rules.clone(), missing }
    }

    /// The rules as the printed schema spells them.
    #[must_use]
    pub fn phrase(&self) -> String {
        phrase(&self.rules)
    }
}
