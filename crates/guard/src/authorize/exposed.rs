//! The fields that the arguments in a document expose.

use async_graphql::parser::types::Field;

use super::Authorization;
use crate::registry::Member;

/// A field that an argument exposes.
pub(super) struct ExposedField<'a> {
    /// The path of the argument, such as `filter.email`.
    pub(super) argument: String,
    /// The exposed field.
    pub(super) member: &'a Member,
}

impl<'a> Authorization<'a> {
    /// The fields that the arguments of `field` expose, in the order in which execution checks them.
    pub(super) fn exposed_fields(&self, member: &'a Member, field: &Field) -> Vec<ExposedField<'a>> {
        let exposed = self.policy.exposing().exposed_fields(member, field, |_| None).into_iter();

        exposed
            .filter_map(|(argument, coordinate)| {
                Some(ExposedField { argument, member: self.policy.member(coordinate)? })
            })
            .collect()
    }
}
