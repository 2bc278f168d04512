//! What rules mean on a certain server, and how it speaks of them.

use fieldguard_policy::rule::{Refusal, Rule};

/// What rules mean on a certain server, and how it speaks of them. One constant of a program, given to
/// [`registry::complete`](crate::registry::complete) and whatever else asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conventions {
    /// The role whose holders have every permission, where there is one: a field that demands it is as strict as one that demands
    /// any permission. The server's principals answer alike.
    pub superuser: Option<&'static str>,
    /// What it is to own a value, as in "`Invoice.total` needs the permission `invoices:read`, or **ownership**."
    pub ownership: &'static str,
    /// What a field needs that demands a sign-in alone, as in "`Invoice.number` needs **a signed-in caller**."
    pub signed_in: &'static str,
    /// What a field needs that demands a session, as in "`Invoice.pay` needs **a session**."
    pub session: &'static str,
    /// What a field needs that demands a fresh session, as in "`Invoice.pay` needs **a fresh session**."
    pub fresh_session: &'static str,
}

impl Conventions {
    /// No role has every permission, and the words are plain.
    pub const PLAIN: Self = Self {
        superuser: None,
        ownership: "ownership",
        signed_in: "a signed-in caller",
        session: "a session",
        fresh_session: "a fresh session",
    };

    /// The demands of `rule`, as the end of "It needs …".
    #[must_use]
    pub fn phrase(&self, rule: &Rule) -> String {
        rule.phrase(self.ownership)
    }

    /// What the field at `coordinate` needs, which `rule` refused for `reason`: a whole sentence.
    pub(crate) fn refusal(&self, coordinate: &str, rule: &Rule, reason: Refusal) -> String {
        let needs = match reason {
            Refusal::NotFresh => self.fresh_session.to_owned(),
            Refusal::NoSession => self.session.to_owned(),
            _ if rule.demanded_role().is_none() && rule.demanded_permission().is_none() => self.signed_in.to_owned(),
            _ => self.phrase(rule),
        };
        format!("`{coordinate}` needs {needs}.")
    }
}

impl Default for Conventions {
    fn default() -> Self {
        Self::PLAIN
    }
}
