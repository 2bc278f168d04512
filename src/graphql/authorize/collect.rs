//! Which fields a document selects on an object type, by the key under which the answer has them (GraphQL spec, section
//! 6.3.2, "Field Collection").

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, Value,
    parser::types::{Directive, Field, Selection, SelectionSet},
};

use super::Question;
use crate::graphql::registry::Type;

/// Fields by key, in the order in which the keys come up first.
pub(super) type Fields<'a> = Vec<(&'a Name, Vec<&'a Positioned<Field>>)>;

impl<'a> Question<'a> {
    /// What `sets` together select on `ty`.
    pub(super) fn collect(&self, ty: &Type, sets: &[&'a SelectionSet]) -> Fields<'a> {
        let (mut fields, mut spread) = (Vec::new(), HashSet::new());
        for set in sets {
            self.collect_set(ty, set, &mut fields, &mut spread);
        }
        fields
    }

    fn collect_set(&self, ty: &Type, set: &'a SelectionSet, fields: &mut Fields<'a>, spread: &mut HashSet<&'a Name>) {
        for selection in set.items.iter().filter(|it| !self.is_left_out(it.node.directives())) {
            match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    match fields.iter_mut().find(|(it, _)| *it == key) {
                        Some((_, same)) => same.push(field),
                        None => fields.push((key, vec![field])),
                    }
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    if condition.is_none_or(|it| self.is_a(ty, &it.node.on.node)) {
                        self.collect_set(ty, &inline.node.selection_set.node, fields, spread);
                    }
                }
                Selection::FragmentSpread(it) => {
                    let name = &it.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name).filter(|_| spread.insert(name)) else {
                        continue;
                    };
                    if self.is_a(ty, &fragment.node.type_condition.node.on.node) {
                        self.collect_set(ty, &fragment.node.selection_set.node, fields, spread);
                    }
                }
            }
        }
    }

    /// Is an object of the type `ty` one of the type `name`?
    fn is_a(&self, ty: &Type, name: &str) -> bool {
        ty.name == name || self.policy.find(name).is_some_and(|it| it.possible.contains(&ty.name))
    }

    /// Do `@skip` or `@include` leave it out? What cannot be known is included.
    fn is_left_out(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|it| match it.node.name.node.as_str() {
            "skip" => self.condition(&it.node) == Some(true),
            "include" => self.condition(&it.node) == Some(false),
            _ => false,
        })
    }

    fn condition(&self, directive: &Directive) -> Option<bool> {
        let value = directive.get_argument("if")?.node.clone();
        let value = value.into_const_with(|name| self.variables.and_then(|it| it.get(&name)).cloned().ok_or(()));
        if let Ok(Value::Boolean(it)) = value { Some(it) } else { None }
    }
}
