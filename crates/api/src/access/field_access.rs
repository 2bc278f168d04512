//! `FieldAccess`: what one may do with a field.

use async_graphql::Object;
use fieldguard_guard::{access::Judged, cost_directives::ListSize, guarded};

use crate::access::{
    access_decision::AccessDecision, access_requirement::AccessRequirement, missing_demand::MissingDemand,
};

/// What one may do with a field.
pub enum FieldAccess {
    /// The caller is shown the field.
    Shown(Judged),
    /// There is no field of that coordinate, or the caller is not shown it.
    Unknown(String),
}

impl FieldAccess {
    fn judged(&self) -> Option<&Judged> {
        if let Self::Shown(it) = self { Some(it) } else { None }
    }
}

/// What one may do with a field.
#[guarded(public)]
#[Object]
impl FieldAccess {
    /// The field, as `Type.field`.
    async fn coordinate(&self) -> &str {
        match self {
            Self::Shown(it) => &it.coordinate,
            Self::Unknown(it) => it,
        }
    }

    /// Whether one is let through. Null, like all that follows, where there is no such field and where one is not shown it: the answer does not tell which. Arguments are not looked at: of what one tells is a field with a decision of its own.
    async fn decision(&self) -> Option<AccessDecision> {
        self.judged().map(|it| it.access.into())
    }

    /// The rule, as the schema spells it: `@auth(permission: "users:read", orSelf: true)`.
    async fn rule(&self) -> Option<String> {
        self.judged().map(Judged::phrase)
    }

    /// The rule as data. Where a field has several, all of them are to be met.
    #[graphql(directive = ListSize::apply(1))]
    async fn requires(&self) -> Option<Vec<AccessRequirement>> {
        self.judged().map(|it| it.rules.iter().copied().map(AccessRequirement).collect())
    }

    /// What one lacks to be let through, the first thing to see to first. Empty where nothing is missing.
    #[graphql(directive = ListSize::apply(1))]
    async fn missing(&self) -> Option<Vec<MissingDemand>> {
        self.judged().map(|it| it.missing.iter().copied().map(MissingDemand).collect())
    }
}
