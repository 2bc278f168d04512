//! Computes which types lead to which others. It follows async-graphql's introspection, so that printing, introspection
//! and the audit agree.

use std::collections::BTreeSet;

use async_graphql::registry::{MetaField, MetaInputValue, MetaType, MetaTypeName, Registry};

/// A step from a type to another.
pub(super) struct Step<'a> {
    pub(super) way: Way<'a>,
    pub(super) to: &'a str,
}

/// What a step follows: a field, for callers who see it, or something that is visible with the type.
pub(super) enum Way<'a> {
    /// A field, to its type or to the type of an argument.
    Field(&'a MetaField),
    /// A possible object type.
    Possible,
    /// An implemented interface.
    Interface,
    /// A field of an input object.
    InputField,
}

/// All steps from `ty`.
pub(super) fn steps<'a>(registry: &'a Registry, ty: &'a MetaType) -> Vec<Step<'a>> {
    let mut steps: Vec<_> = ty.fields().into_iter().flat_map(|fields| fields.values()).flat_map(by_field).collect();
    let members = ty.possible_types().into_iter().flatten();
    let interfaces = registry.implements.get(ty.name()).into_iter().flatten();
    steps.extend(members.map(|name| Step { way: Way::Possible, to: name }));
    steps.extend(interfaces.map(|name| Step { way: Way::Interface, to: name }));
    if let MetaType::InputObject { input_fields, .. } = ty {
        steps.extend(input_fields.values().map(|input| Step { way: Way::InputField, to: named(input) }));
    }
    steps.retain(|step| registry.types.contains_key(step.to));
    steps
}

fn by_field(field: &MetaField) -> impl Iterator<Item = Step<'_>> {
    let to = MetaTypeName::concrete_typename(&field.ty);
    std::iter::once(to).chain(field.args.values().map(named)).map(move |to| Step { way: Way::Field(field), to })
}

fn named(value: &MetaInputValue) -> &str {
    MetaTypeName::concrete_typename(&value.ty)
}

/// The types that are visible to every caller: roots, types of directive arguments, and types that a federation gateway
/// looks up by key.
pub(super) fn starts(registry: &Registry) -> impl Iterator<Item = &str> {
    let roots = [Some(&registry.query_type), registry.mutation_type.as_ref(), registry.subscription_type.as_ref()];
    let arguments = registry.directives.values().flat_map(|directive| directive.args.values()).map(named);
    let keyed = registry.types.values().filter(|ty| has_keys(ty)).map(MetaType::name);
    roots.into_iter().flatten().map(String::as_str).chain(arguments).chain(keyed)
}

fn has_keys(ty: &MetaType) -> bool {
    let (MetaType::Object { keys, .. } | MetaType::Interface { keys, .. }) = ty else { return false };
    keys.as_ref().is_some_and(|keys| !keys.is_empty())
}

/// How a type is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// As the type of a field or argument.
    Field,
    /// As an interface of a reached object. Its values are that object's, and lead to no other objects.
    Implementer,
}

/// The types reached so far.
#[derive(Debug, Default)]
pub(super) struct Reached<'a> {
    all: BTreeSet<&'a str>,
    by_field: BTreeSet<&'a str>,
}

impl<'a> Reached<'a> {
    /// Marks a type as reached. Returns whether it is new, or `None` if the way of reaching it is not new either.
    pub(super) fn note(&mut self, name: &'a str, by: By) -> Option<bool> {
        let is_new = self.all.insert(name);
        let is_new_by_field = by == By::Field && self.by_field.insert(name);
        (is_new || is_new_by_field).then_some(is_new)
    }

    /// The names of the reached types.
    pub(super) fn types(self) -> BTreeSet<&'a str> {
        self.all
    }
}

/// The names of all reachable types.
pub(super) fn reachable(registry: &Registry) -> BTreeSet<String> {
    let mut reached = Reached::default();
    let mut next: Vec<_> = starts(registry).map(|name| (name, By::Field)).collect();
    while let Some((name, by)) = next.pop() {
        let Some(ty) = registry.types.get(name) else { continue };
        let Some(is_new) = reached.note(ty.name(), by) else { continue };
        for step in steps(registry, ty) {
            let (leads, way) = match step.way {
                Way::Possible => (by == By::Field, By::Field),
                Way::Interface => (is_new, By::Implementer),
                Way::Field(_) | Way::InputField => (is_new, By::Field),
            };
            if leads {
                next.push((step.to, way));
            }
        }
    }
    reached.types().into_iter().map(str::to_owned).collect()
}
