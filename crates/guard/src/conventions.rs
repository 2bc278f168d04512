//! The terms and the superuser role of one server.

use fieldguard_policy::rule::{Refusal, Rule};

/// How one server names ownership and sessions in its messages, and which role has every permission. Pass the same
/// constant to [`registry::complete`](crate::registry::complete) and [`registry::audit`](crate::registry::audit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conventions {
    /// The role that has every permission, if there is one. A rule that requires it is at least as strict as a rule
    /// that requires any permission. The server's [`Principal`](fieldguard_policy::Principal) must agree.
    pub superuser: Option<&'static str>,
    /// Ownership of a value, as in "`Invoice.total` requires the permission `invoices:read`, or **ownership**."
    pub ownership: &'static str,
    /// The requirement of a rule that only requires a sign-in, as in "`Invoice.number` requires **a signed-in
    /// caller**."
    pub signed_in: &'static str,
    /// The requirement of a session, as in "`Invoice.pay` requires **a session**."
    pub session: &'static str,
    /// The requirement of a session with two factors, as in "`Invoice.pay` requires **a session with two factors**."
    pub two_factors: &'static str,
    /// The requirement of a fresh session, as in "`Invoice.pay` requires **a fresh session**."
    pub fresh_session: &'static str,
}

impl Conventions {
    /// No superuser role, and plain words.
    pub const PLAIN: Self = Self {
        superuser: None,
        ownership: "ownership",
        signed_in: "a signed-in caller",
        session: "a session",
        two_factors: "a session with two factors",
        fresh_session: "a fresh session",
    };

    /// The requirements of `rule`, as the end of "It needs …".
    #[must_use]
    pub fn phrase(&self, rule: &Rule) -> String {
        rule.phrase(self.ownership)
    }

    /// The message for the field at `coordinate` that `rule` denied for `reason`.
    pub(crate) fn refusal(&self, coordinate: &str, rule: &Rule, reason: Refusal) -> String {
        let needs = match reason {
            Refusal::NotFresh => self.fresh_session.to_owned(),
            Refusal::OneFactor => self.two_factors.to_owned(),
            Refusal::NoSession => self.session.to_owned(),
            _ if rule.demanded_role().is_none() && rule.demanded_permission().is_none() => self.signed_in.to_owned(),
            _ => self.phrase(rule),
        };
        format!("`{coordinate}` requires {needs}.")
    }
}

impl Default for Conventions {
    fn default() -> Self {
        Self::PLAIN
    }
}
