//! `DocumentAccess`: what a caller can do with a document.

use async_graphql::SimpleObject;
use fieldguard_guard::{
    cost_directives::ListSize,
    explain::{ExplainedField, Explanation},
    guarded,
};

use crate::access::{access_decision::AccessDecision, field_access::FieldAccess, path_access::PathAccess};

/// What a caller can do with a document.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DocumentAccess {
    /// `DENIED` if any field or argument that execution reaches is denied; else `DEPENDS` if any may be; else `ALLOWED`.
    decision: AccessDecision,
    /// Every field that the document selects, in the order of the response, each followed by its arguments that expose other fields. Introspection fields are left out.
    #[graphql(directive = ListSize::apply(500))]
    paths: Vec<PathAccess>,
}

impl From<Explanation> for DocumentAccess {
    fn from(Explanation { decision, fields }: Explanation) -> Self {
        Self { decision: decision.into(), paths: fields.into_iter().map(PathAccess::from).collect() }
    }
}

impl From<ExplainedField> for PathAccess {
    fn from(ExplainedField { path, argument, access, is_reached, .. }: ExplainedField) -> Self {
        Self { path, argument, access: FieldAccess::Shown(access), is_reached }
    }
}
