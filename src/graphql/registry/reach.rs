//! Which types lead to which: the library's own way through the schema for introspection, so that what is printed, what is
//! shown and what is audited are the same.

use std::collections::BTreeSet;

use async_graphql::registry::{MetaField, MetaInputValue, MetaType, MetaTypeName, Registry};

/// A step from a type to another: by a field, for those who see it, or open to all who see the type.
pub(super) struct Step<'a> {
    pub(super) by: Option<&'a MetaField>,
    pub(super) to: &'a str,
}

/// Every step from `ty`.
pub(super) fn steps<'a>(registry: &'a Registry, ty: &'a MetaType) -> Vec<Step<'a>> {
    let mut steps: Vec<_> = ty.fields().into_iter().flat_map(|it| it.values()).flat_map(by_field).collect();
    let members = ty.possible_types().into_iter().flatten();
    let interfaces = registry.implements.get(ty.name()).into_iter().flatten();
    steps.extend(members.chain(interfaces).map(|name| Step { by: None, to: name }));
    if let MetaType::InputObject { input_fields, .. } = ty {
        steps.extend(input_fields.values().map(|it| Step { by: None, to: named(it) }));
    }
    steps.retain(|step| registry.types.contains_key(step.to));
    steps
}

fn by_field(field: &MetaField) -> impl Iterator<Item = Step<'_>> {
    let to = MetaTypeName::concrete_typename(&field.ty);
    std::iter::once(to).chain(field.args.values().map(named)).map(move |to| Step { by: Some(field), to })
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

/// The names of all types that can be reached.
pub(super) fn reachable(registry: &Registry) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<_> = starts(registry).collect();
    while let Some(name) = next.pop() {
        if let (Some(ty), true) = (registry.types.get(name), reached.insert(name)) {
            next.extend(steps(registry, ty).into_iter().map(|step| step.to));
        }
    }
    reached.into_iter().map(str::to_owned).collect()
}
