//! `FieldAccess`: the caller's access to a field.

use async_graphql::Object;
use fieldguard_guard::{access::MemberAccess, cost_directives::ListSize, guarded};

use crate::access::{
    access_decision::AccessDecision, access_requirement::AccessRequirement, missing_requirement::MissingRequirement,
};

/// The caller's access to a field.
pub enum FieldAccess {
    /// The caller is shown the field.
    Shown(MemberAccess),
    /// There is no field of that coordinate, or the caller is not shown it.
    Unknown(String),
}

impl FieldAccess {
    fn judged(&self) -> Option<&MemberAccess> {
        if let Self::Shown(it) = self { Some(it) } else { None }
    }
}

/// The caller's access to a field.
#[guarded(public)]
#[Object]
impl FieldAccess {
    /// The coordinate of the field, as `Type.field`.
    async fn coordinate(&self) -> &str {
        match self {
            Self::Shown(it) => &it.coordinate,
            Self::Unknown(it) => it,
        }
    }

    /// The decision. Null, like the other fields, if the field doesn't exist or introspection doesn't show it to you. Arguments that expose other fields are judged by those fields.
    async fn decision(&self) -> Option<AccessDecision> {
        self.judged().map(|it| it.access.into())
    }

    /// The rule as the schema spells it, such as `@auth(permission: "users:read", orSelf: true)`.
    async fn rule(&self) -> Option<String> {
        self.judged().map(MemberAccess::phrase)
    }

    /// The rules as data. A caller must meet all of them.
    #[graphql(directive = ListSize::apply(1))]
    async fn requires(&self) -> Option<Vec<AccessRequirement>> {
        self.judged().map(|it| it.rules.iter().map(AccessRequirement::from).collect())
    }

    /// What the caller needs and doesn't have, most important first.
    #[graphql(directive = ListSize::apply(1))]
    async fn missing(&self) -> Option<Vec<MissingRequirement>> {
        self.judged().map(|it| it.missing.iter().map(MissingRequirement::from).collect())
    }
}
