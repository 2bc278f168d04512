//! Which types lead to which: the library's own way through the schema for introspection, so that what is printed, what is
//! shown and what is audited are the same.

use std::collections::BTreeSet;

use async_graphql::registry::{MetaField, MetaInputValue, MetaType, MetaTypeName, Registry};

/// A step from a type to another.
pub(super) struct Step<'a> {
    pub(super) way: Way<'a>,
    pub(super) to: &'a str,
}

/// What a step leads over: a field, for those who see it, or something that is open to all who see the type.
pub(super) enum Way<'a> {
    /// A field, to its type or to that of an argument.
    Field(&'a MetaField),
    /// An object that values of the type can be.
    Possible,
    /// An interface of the type.
    Interface,
    /// A field of an input object.
    InputField,
}

/// Every step from `ty`.
pub(super) fn steps<'a>(registry: &'a Registry, ty: &'a MetaType) -> Vec<Step<'a>> {
    let mut steps: Vec<_> = ty.fields().into_iter().flat_map(|it| it.values()).flat_map(by_field).collect();
    let members = ty.possible_types().into_iter().flatten();
    let interfaces = registry.implements.get(ty.name()).into_iter().flatten();
    steps.extend(members.map(|name| Step { way: Way::Possible, to: name }));
    steps.extend(interfaces.map(|name| Step { way: Way::Interface, to: name }));
    if let MetaType::InputObject { input_fields, .. } = ty {
        steps.extend(input_fields.values().map(|it| Step { way: Way::InputField, to: named(it) }));
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

/// The types everyone starts from: roots, arguments of directives, and types a gateway looks up by key.
pub(super) fn starts(registry: &Registry) -> impl Iterator<Item = &str> {
    let roots = [Some(&registry.query_type), registry.mutation_type.as_ref(), registry.subscription_type.as_ref()];
    let arguments = registry.directives.values().flat_map(|it| it.args.values()).map(named);
    let keyed = registry.types.values().filter(|it| has_keys(it)).map(MetaType::name);
    roots.into_iter().flatten().map(String::as_str).chain(arguments).chain(keyed)
}

fn has_keys(ty: &MetaType) -> bool {
    let (MetaType::Object { keys, .. } | MetaType::Interface { keys, .. }) = ty else { return false };
    keys.as_ref().is_some_and(|it| !it.is_empty())
}

/// How a type is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A value of it is answered or taken.
    Field,
    /// It is an interface of an object that is reached. Values of it are that object's, and lead to no other.
    Implementer,
}

/// The types that were reached so far.
#[derive(Debug, Default)]
pub(super) struct Reached<'a> {
    all: BTreeSet<&'a str>,
    by_field: BTreeSet<&'a str>,
}

impl<'a> Reached<'a> {
    /// Notes that a type is reached. Answers whether it was not before, and nothing where nothing is new.
    pub(super) fn note(&mut self, name: &'a str, by: By) -> Option<bool> {
        let is_new = self.all.insert(name);
        let is_new_by_field = by == By::Field && self.by_field.insert(name);
        (is_new || is_new_by_field).then_some(is_new)
    }

    /// Their names.
    pub(super) fn types(self) -> BTreeSet<&'a str> {
        self.all
    }
}

/// The names of all types that can be reached.
pub(super) fn reachable(registry: &Registry) -> BTreeSet<String> {
    let mut reached = Reached::default();
    let mut next: Vec<_> = starts(registry).map(|it| (it, By::Field)).collect();
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
