//! `AccessGroup`: fields of one rule.

use async_graphql::Object;
use fieldguard_guard::{access::MemberAccess, cost_directives::ListSize, guarded};

use crate::access::{
    access_decision::AccessDecision, access_requirement::AccessRequirement, missing_requirement::MissingRequirement,
};

/// Fields that have the same rule and the same decision.
pub struct AccessGroup {
    first: MemberAccess,
    coordinates: Vec<String>,
}

impl AccessGroup {
    /// Groups for all of `judged`, in the order in which their rules come up first.
    #[must_use]
    pub fn of(judged: Vec<MemberAccess>) -> Vec<Self> {
        let mut groups = Vec::<Self>::new();
        for it in judged {
            let same = |group: &&mut Self| group.first.rules == it.rules && group.first.access == it.access;
            match groups.iter_mut().find(same) {
                Some(group) => group.coordinates.push(it.coordinate),
                None => groups.push(Self { coordinates: vec![it.coordinate.clone()], first: it }),
            }
        }
        groups
    }
}

/// Fields that have the same rule and the same decision.
#[guarded(public)]
#[Object]
impl AccessGroup {
    /// The caller's access to these fields.
    async fn decision(&self) -> AccessDecision {
        self.first.access.into()
    }

    /// The rule as the schema spells it, such as `@auth(permission: "users:read", orSelf: true)`.
    async fn rule(&self) -> String {
        self.first.phrase()
    }

    /// The rules as data. A caller must meet all of them.
    #[graphql(directive = ListSize::apply(1))]
    async fn requires(&self) -> Vec<AccessRequirement> {
        self.first.rules.iter().map(AccessRequirement::from).collect()
    }

    /// What the caller needs and doesn't have, most important first.
    #[graphql(directive = ListSize::apply(1))]
    async fn missing(&self) -> Vec<MissingRequirement> {
        self.first.missing.iter().map(MissingRequirement::from).collect()
    }

    /// The coordinates of the fields, as `Type.field`.
    async fn coordinates(&self) -> &[String] {
        &self.coordinates
    }
}
