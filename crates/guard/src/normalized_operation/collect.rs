//! Collects the fields that selection sets select on a type and groups them by response key.

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use super::conditions::is_excluded;
use crate::registry::{Composite, TypeSystem};

/// Selections that form one field of the answer.
pub(super) struct Group<'a> {
    /// The nested type conditions of the field, outermost first; empty if it is selected on every object of the type.
    pub conditions: Vec<&'a str>,
    /// The fields in document order. At least one.
    pub fields: Vec<&'a Positioned<Field>>,
    /// The position of the first field among all collected fields.
    first: usize,
}

/// The fields that selection sets select on a type.
pub(super) struct Collected<'a> {
    types: &'a TypeSystem,
    /// The type, if the schema defines it.
    parent: Option<&'a Composite>,
    occurrences: Vec<Occurrence<'a>>,
}

/// A field at one place of a document.
struct Occurrence<'a> {
    field: &'a Positioned<Field>,
    /// The conditions that some objects of the parent type don't meet.
    conditions: Vec<&'a str>,
    /// The objects that meet the conditions.
    possible: Vec<&'a str>,
}

/// The conditions of a selection set and the objects that meet them.
#[derive(Clone, Default)]
struct Scope<'a> {
    conditions: Vec<&'a str>,
    possible: Vec<&'a str>,
    /// The innermost condition, if every object of the set around it meets it. It is not among `conditions`.
    met: Option<&'a str>,
}

impl<'a> Scope<'a> {
    fn add(&mut self, condition: &'a str) {
        self.conditions.push(condition);
        self.met = None;
    }
}

impl<'a> Collected<'a> {
    pub(super) fn on(types: &'a TypeSystem, parent: Option<&str>) -> Self {
        Self { types, parent: parent.and_then(|name| types.composite(name)), occurrences: Vec::new() }
    }

    /// Adds the fields that `set` selects.
    pub(super) fn add(
        &mut self,
        document: &'a ExecutableDocument,
        variables: Option<&Variables>,
        set: &'a SelectionSet,
    ) {
        let possible = self.parent.into_iter().flat_map(|parent| &parent.possible).map(String::as_str).collect();
        self.add_within(document, variables, set, &Scope { possible, ..Scope::default() });
    }

    fn add_within(
        &mut self,
        document: &'a ExecutableDocument,
        variables: Option<&Variables>,
        set: &'a SelectionSet,
        scope: &Scope<'a>,
    ) {
        for selection in set.items.iter().filter(|item| !is_excluded(item.node.directives(), variables)) {
            let (condition, set) = match &selection.node {
                Selection::Field(field) => {
                    let Scope { conditions, possible, .. } = self.with_type_of(field, scope.clone());
                    self.occurrences.push(Occurrence { field, conditions, possible });
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    (condition.map(|condition| condition.node.on.node.as_str()), &fragment.node.selection_set)
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) else { continue };
                    (Some(fragment.node.type_condition.node.on.node.as_str()), &fragment.node.selection_set)
                }
            };
            if let Some(scope) = self.narrowed(scope, condition) {
                self.add_within(document, variables, &set.node, &scope);
            }
        }
    }

    /// The scope within a fragment on a type, or `None` if no object meets the condition.
    fn narrowed(&self, scope: &Scope<'a>, condition: Option<&'a str>) -> Option<Scope<'a>> {
        let Some(condition) = condition else { return Some(scope.clone()) };
        let mut narrowed = scope.clone();
        let (Some(_), Some(ty)) = (self.parent, self.types.composite(condition)) else {
            // It is unknown which objects meet the condition: only selections with equal conditions are then treated as
            // one field.
            narrowed.add(condition);
            return Some(narrowed);
        };
        narrowed.possible.retain(|object| ty.possible.iter().any(|possible| possible == object));
        if narrowed.possible.len() < scope.possible.len() {
            narrowed.add(condition);
        } else {
            narrowed.met = Some(condition);
        }
        (!narrowed.possible.is_empty()).then_some(narrowed)
    }

    /// The scope with the condition that every object meets, if only that type has the field: a union has no fields, and an
    /// interface only its own.
    fn with_type_of(&self, field: &Positioned<Field>, mut scope: Scope<'a>) -> Scope<'a> {
        let around = scope.conditions.last().and_then(|condition| self.types.composite(condition)).or(self.parent);
        let name = &field.node.name.node;
        if let (Some(condition), Some(around)) = (scope.met, around)
            && name != "__typename"
            && around.field(name).is_none()
        {
            scope.add(condition);
        }
        scope
    }

    /// The fields by response key, in response order (GraphQL specification, section 6.3.2).
    pub(super) fn groups(self) -> Vec<Group<'a>> {
        let mut keys: Vec<(&Name, Vec<usize>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for (index, occurrence) in self.occurrences.iter().enumerate() {
            let key = &occurrence.field.node.response_key().node;
            let place = *places.entry(key).or_insert(keys.len());
            if place == keys.len() {
                keys.push((key, Vec::new()));
            }
            keys[place].1.push(index);
        }
        let mut groups: Vec<_> = keys.into_iter().flat_map(|(_, same)| self.split(&same)).collect();
        groups.sort_by_key(|group| group.first);
        groups
    }

    /// Groups fields with the same response key by the objects that have them.
    fn split(&self, same: &[usize]) -> Vec<Group<'a>> {
        let conditions = &self.occurrences[same[0]].conditions;
        if same.iter().all(|index| self.occurrences[*index].conditions == *conditions) {
            return vec![self.group(conditions.clone(), same.to_vec())];
        }
        let Some(parent) = self.parent else { return self.split_by_conditions(same) };
        let for_object = |object: &'a String| {
            let applies = |index: &&usize| self.occurrences[**index].possible.contains(&object.as_str());
            let those: Vec<_> = same.iter().filter(applies).copied().collect();
            (!those.is_empty()).then(|| self.group(vec![object], those))
        };
        parent.possible.iter().filter_map(for_object).collect()
    }

    fn split_by_conditions(&self, same: &[usize]) -> Vec<Group<'a>> {
        let mut by_conditions: Vec<(&[&str], Vec<usize>)> = Vec::new();
        for index in same {
            let conditions = self.occurrences[*index].conditions.as_slice();
            match by_conditions.iter_mut().find(|(known, _)| *known == conditions) {
                Some((_, indexes)) => indexes.push(*index),
                None => by_conditions.push((conditions, vec![*index])),
            }
        }
        by_conditions
            .into_iter()
            .map(|(_, those)| self.group(self.occurrences[those[0]].conditions.clone(), those))
            .collect()
    }

    fn group(&self, conditions: Vec<&'a str>, indexes: Vec<usize>) -> Group<'a> {
        let first = indexes[0];
        Group { conditions, fields: indexes.into_iter().map(|index| self.occurrences[index].field).collect(), first }
    }
}
