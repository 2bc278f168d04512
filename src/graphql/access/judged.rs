//! What becomes of a field for one caller, with the rule and what is missing: the answer to "what may I do?".

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};

use super::{Access, phrase};
use crate::{
    domain::{
        missing::Missing,
        principal::Principal,
        rule::{Refusal, Rule},
    },
    graphql::{authorize::Verdict, registry::Member},
};

/// How many bytes of a hash make a version.
const VERSION_BYTES: usize = 12;

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
    /// The field as `caller` finds it on values of anybody's.
    #[must_use]
    pub fn of(member: &Member, caller: Option<&Principal>) -> Self {
        Self::by(member, Verdict::of(&member.rules, caller, None), caller)
    }

    /// The field where a document has it.
    #[must_use]
    pub(in crate::graphql) fn by(member: &Member, verdict: Verdict, caller: Option<&Principal>) -> Self {
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

/// A word for everything in `judged`: the same for the same answers, another one where any of them is another.
#[must_use]
pub fn version(judged: &[Judged]) -> String {
    let mut text = String::new();
    for it in judged {
        let _ = writeln!(text, "{} {} {} {:?}", it.coordinate, it.access, it.phrase(), it.missing);
    }
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().take(VERSION_BYTES).fold(String::new(), |word, byte| word + &format!("{byte:02x}"))
}
