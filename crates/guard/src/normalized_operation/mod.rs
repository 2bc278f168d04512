//! Operations in normal form: fragments expanded, `@skip` and `@include` applied, and each response key once per
//! selection set, with the selections of its fields merged (GraphQL specification, sections 6.3.2, `CollectFields`, and
//! 6.4.3, `MergeSelectionSets`).
//!
//! async-graphql runs a field once for every place where a document writes it. In normal form it runs once, as the
//! specification requires, and limits count exactly what runs. Only valid documents have a normal form.
//!
//! ```text
//! { me { id ...A } me { id ... on User { roles { id } } } }  fragment A on User { username roles { name } }
//! ```
//!
//! becomes
//!
//! ```text
//! { me { id username roles { name id } } }
//! ```
//!
//! Below an interface or a union, a key that only some types select stands in an inline fragment. If two conditions
//! share a key, there is one fragment per object type.

mod collect;
mod conditions;

use async_graphql::{
    Name, Pos, Positioned, Variables,
    parser::types::{
        ExecutableDocument, Field, InlineFragment, OperationDefinition, Selection, SelectionSet, TypeCondition,
    },
};

use self::collect::{Collected, Group};
use super::registry::TypeSystem;

pub(super) use self::conditions::{deciding_variables, is_condition};

/// Why an operation has no normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotNormal {
    /// It would have more than the maximum number of fields.
    TooLarge,
    /// Two fields of one object have the same response key, but other names or arguments (GraphQL specification, section
    /// 5.3.2). async-graphql compares only fields in fragments on the same type.
    Conflict(Conflict),
}

/// Two fields that can't be merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    /// The response key of both.
    pub key: Name,
    /// The places of both in the document.
    pub places: [Pos; 2],
}

/// An operation in normal form.
pub(super) struct NormalizedOperation {
    pub definition: OperationDefinition,
    /// The number of fields.
    pub fields: usize,
}

/// Normalizes `operation` to at most `maximum` fields. Without `variables`, selections whose `@skip` or `@include`
/// depends on a variable are included.
///
/// # Errors
///
/// [`NotNormal::TooLarge`]: the normal form of a document within its limits can have many times its fields, because
/// conditions on interfaces expand to one per object type. [`NotNormal::Conflict`].
pub(super) fn normalize(
    types: &TypeSystem,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: Option<&Variables>,
    maximum: usize,
) -> Result<NormalizedOperation, NotNormal> {
    let mut normalizer = Normalizer { types, document, variables, remaining: maximum };
    let root = types.root(operation.ty).map(|root| root.name.as_str());
    let set = &operation.selection_set;
    let items = normalizer.set(root, &[&set.node])?;
    let definition = OperationDefinition {
        ty: operation.ty,
        variable_definitions: operation.variable_definitions.clone(),
        directives: operation.directives.clone(),
        selection_set: Positioned::new(SelectionSet { items }, set.pos),
    };
    Ok(NormalizedOperation { definition, fields: maximum - normalizer.remaining })
}

struct Normalizer<'a> {
    types: &'a TypeSystem,
    document: &'a ExecutableDocument,
    variables: Option<&'a Variables>,
    /// The number of fields that may still be added.
    remaining: usize,
}

impl<'a> Normalizer<'a> {
    /// The fields that `sets` together select on a value of type `parent`.
    fn set(
        &mut self,
        parent: Option<&str>,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Positioned<Selection>>, NotNormal> {
        let mut items = Vec::new();
        for group in self.collect(parent, sets).groups() {
            let target = self.target(group.conditions.last().copied().or(parent), group.fields[0]);
            let field = self.merge(target, &group)?;
            place(&mut items, &group.conditions, Positioned::new(Selection::Field(field), group.fields[0].pos));
        }
        Ok(items)
    }

    fn collect(&self, parent: Option<&str>, sets: &[&'a SelectionSet]) -> Collected<'a> {
        let mut collected = Collected::on(self.types, parent);
        for set in sets {
            collected.add(self.document, self.variables, set);
        }
        collected
    }

    fn merge(&mut self, target: Option<&str>, group: &Group<'a>) -> Result<Positioned<Field>, NotNormal> {
        self.remaining = self.remaining.checked_sub(1).ok_or(NotNormal::TooLarge)?;
        let first = group.fields[0];
        if let Some(other) = group.fields.iter().find(|other| !is_alike(&first.node, &other.node)) {
            let key = first.node.response_key().node.clone();
            return Err(NotNormal::Conflict(Conflict { key, places: [first.pos, other.pos] }));
        }
        let sets = distinct(group.fields.iter().map(|field| &field.node.selection_set.node));
        let items = self.set(target, &sets)?;
        let directives = first.node.directives.iter().filter(|directive| !is_condition(&directive.node));
        let field = Field {
            alias: first.node.alias.clone(),
            name: first.node.name.clone(),
            arguments: first.node.arguments.clone(),
            directives: directives.cloned().collect(),
            selection_set: Positioned::new(SelectionSet { items }, first.node.selection_set.pos),
        };
        Ok(Positioned::new(field, first.pos))
    }

    fn target(&self, parent: Option<&str>, field: &Positioned<Field>) -> Option<&'a str> {
        let field = self.types.composite(parent?)?.field(&field.node.name.node)?;
        Some(&field.target)
    }
}

/// Whether both fields have the same name and the same arguments, in any order.
fn is_alike(one: &Field, other: &Field) -> bool {
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && one
            .arguments
            .iter()
            .all(|(name, value)| other.get_argument(&name.node).is_some_and(|known| known.node == value.node))
}

/// Removes duplicate sets, which come from repeated fragments: otherwise their fields would be repeated at every level
/// below.
fn distinct<'a>(sets: impl Iterator<Item = &'a SelectionSet>) -> Vec<&'a SelectionSet> {
    let mut distinct: Vec<&SelectionSet> = Vec::new();
    for set in sets.filter(|set| !set.items.is_empty()) {
        if !distinct.iter().any(|known| std::ptr::eq(*known, set)) {
            distinct.push(set);
        }
    }
    distinct
}

/// Adds a field to `items` under nested type conditions. It joins the preceding fragment if that has the same
/// condition.
fn place(items: &mut Vec<Positioned<Selection>>, conditions: &[&str], field: Positioned<Selection>) {
    let Some((condition, within)) = conditions.split_first() else { return items.push(field) };
    let at = field.pos;
    if let Some(Selection::InlineFragment(fragment)) = items.last_mut().map(|item| &mut item.node)
        && fragment.node.type_condition.as_ref().is_some_and(|known| known.node.on.node == *condition)
    {
        return place(&mut fragment.node.selection_set.node.items, within, field);
    }
    let mut selected = Vec::new();
    place(&mut selected, within, field);
    let on = Positioned::new(Name::new(condition), at);
    let fragment = InlineFragment {
        type_condition: Some(Positioned::new(TypeCondition { on }, at)),
        directives: Vec::new(),
        selection_set: Positioned::new(SelectionSet { items: selected }, at),
    };
    items.push(Positioned::new(Selection::InlineFragment(Positioned::new(fragment, at)), at));
}

#[cfg(test)]
mod tests;
