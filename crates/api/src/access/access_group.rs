//! `AccessGroup`: fields of one rule.

use async_graphql::Object;
use fieldguard_guard::{access::Judged, cost_directives::ListSize, guarded};

use crate::access::{
    access_decision::AccessDecision, access_requirement::AccessRequirement, missing_demand::MissingDemand,
};

/// Fields of one rule, of which all that is said here is true.
pub struct AccessGroup {
    first: Judged,
    coordinates: Vec<String>,
}

impl AccessGroup {
    /// Groups for all of `judged`, in the order in which their rules come up first.
    #[must_use]
    pub fn of(judged: Vec<Judged>) -> Vec<Self> {
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

/// Fields of one rule, of which all that is said here is true.
#[guarded(public)]
#[Object]
impl AccessGroup {
    /// Whether one is let through.
    async fn decision(&self) -> AccessDecision {
        self.first.access.into()
    }

    /// The rule, as the schema spells it.
    async fn rule(&self) -> String {
        self.first.phrase()
    }

    /// The rule as data. Where there are several, all of them are to be met.
    #[graphql(directive = ListSize::apply(1))]
    async fn requires(&self) -> Vec<AccessRequirement> {
        self.first.rules.iter().copied().map(AccessRequirement).collect()
    }

    /// What one lacks to be let through. Empty where nothing is missing.
    #[graphql(directive = ListSize::apply(1))]
    async fn missing(&self) -> Vec<MissingDemand> {
        self.first.missing.iter().copied().map(MissingDemand).collect()
    }

    /// The fields, as `Type.field`.
    async fn coordinates(&self) -> &[String] {
        &self.coordinates
    }
}
