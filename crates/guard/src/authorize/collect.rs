//! Collects the fields that an operation in normal form selects on an object type, in response order.

use async_graphql::{
    Positioned,
    parser::types::{Field, Selection, SelectionSet},
};

use super::Authorization;
use crate::registry::Type;

impl<'a> Authorization<'a> {
    /// The fields that `set` selects on `ty`. Each response key occurs once.
    pub(super) fn collect(&self, ty: &Type, set: &'a SelectionSet) -> Vec<&'a Positioned<Field>> {
        let mut fields = Vec::new();
        self.collect_within(ty, set, &mut fields);
        fields
    }

    fn collect_within(&self, ty: &Type, set: &'a SelectionSet, fields: &mut Vec<&'a Positioned<Field>>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => fields.push(field),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    if condition.is_none_or(|condition| self.is_a(ty, &condition.node.on.node)) {
                        self.collect_within(ty, &inline.node.selection_set.node, fields);
                    }
                }
                // The normal form has no fragment spreads.
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Whether `ty` is the type `name` or one of its possible types.
    fn is_a(&self, ty: &Type, name: &str) -> bool {
        ty.name == name || self.policy.find(name).is_some_and(|other| other.possible.contains(&ty.name))
    }
}
