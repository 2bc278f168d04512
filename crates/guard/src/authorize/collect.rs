//! Which fields an operation in normal form selects on an object type, in the order of the answer.

use async_graphql::{
    Positioned,
    parser::types::{Field, Selection, SelectionSet},
};

use super::Question;
use crate::registry::Type;

impl<'a> Question<'a> {
    /// What `set` selects on `ty`. Every response key comes once.
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
                // The normal form has no fragments by name.
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Whether an object of the type `ty` is one of the type `name`.
    fn is_a(&self, ty: &Type, name: &str) -> bool {
        ty.name == name || self.policy.find(name).is_some_and(|other| other.possible.contains(&ty.name))
    }
}
