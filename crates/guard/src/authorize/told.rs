//! Of which other fields the arguments of a field tell, where a document has it.

use async_graphql::parser::types::Field;

use super::Question;
use crate::registry::Member;

/// An argument that tells of a field.
pub(super) struct Told<'a> {
    /// Its way from the field it stands at: `filter.email`.
    pub(super) argument: String,
    /// The field it tells of.
    pub(super) member: &'a Member,
}

impl<'a> Question<'a> {
    /// Of which fields the arguments of `field` tell, in the order in which running it asks for them.
    pub(super) fn told(&self, member: &'a Member, field: &Field) -> Vec<Told<'a>> {
        let told = self.policy.exposing().told(member, field, |_| None).into_iter();
        told.filter_map(|(argument, coordinate)| Some(Told { argument, member: self.policy.member(coordinate)? }))
            .collect()
    }
}
