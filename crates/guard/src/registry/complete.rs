//! Completes a schema with what requires a view of all its types.

use std::sync::Arc;

use async_graphql::{
    Context,
    registry::{MetaField, MetaType, Registry},
};
use fieldguard_policy::rule::Rule;

use super::{
    demands::imply,
    is_system,
    restrict::fields_mut,
    rows::{fields, rules},
};
use crate::{
    conventions::Conventions,
    input_values::{TIME, is_time},
};

pub(super) fn complete(registry: &mut Registry, conventions: &Conventions) {
    inherit(registry, conventions);
    describe(registry, conventions);
    hide_empty_roots(registry);
    validate_times(registry);
    describe_scalars(registry);
}

/// Adds a validator to the time scalar. Otherwise async-graphql checks times only during execution and then drops the
/// whole answer, including earlier errors.
fn validate_times(registry: &mut Registry) {
    if let Some(MetaType::Scalar { is_valid, .. }) = registry.types.get_mut(TIME) {
        *is_valid = Some(Arc::new(is_time));
    }
}

/// The scalars that async-graphql describes for Rust programmers, with a description for clients and the address of the
/// specification where the GraphQL specification is not it.
const SCALARS: [(&str, &str, Option<&str>); 7] = [
    ("Boolean", "`true` or `false`.", None),
    (TIME, "A point in time, as a string in the format of RFC 3339, such as `2027-01-15T08:00:00Z`.", Some(DATE_TIME)),
    ("Float", "A number with a fraction, in double precision (IEEE 754).", None),
    ("ID", "A unique identifier. It is a string, which clients should not interpret.", None),
    ("Int", "A whole number from -2,147,483,648 to 2,147,483,647.", None),
    ("JSON", "Any JSON value.", None),
    ("String", "A text of Unicode characters.", None),
];

/// The specification of the scalar `DateTime`.
const DATE_TIME: &str = "https://scalars.graphql.org/andimarek/date-time";

fn describe_scalars(registry: &mut Registry) {
    for (name, words, specification) in SCALARS {
        if let Some(MetaType::Scalar { description, specified_by_url, .. }) = registry.types.get_mut(name) {
            *description = Some(words.to_owned());
            *specified_by_url = specification.map(str::to_owned);
        }
    }
}

/// Gives an interface field the rule of its strictest implementer, so that no caller sees a field on the interface that
/// is hidden on an implementing type. If no implementer is at least as strict as all others, the field stays without a
/// rule.
fn inherit(registry: &mut Registry, conventions: &Conventions) {
    let mut inherited = Vec::new();
    for (ty, field) in fields(registry) {
        if ty.possible_types().is_some()
            && rules(field).is_empty()
            && let Some(model) = strictest(registry, ty, &field.name, conventions.superuser)
        {
            inherited.push((ty.name().to_owned(), field.name.clone(), model.clone()));
        }
    }
    for (ty, name, model) in inherited {
        let field = registry.types.get_mut(&ty).and_then(fields_mut).and_then(|fields| fields.get_mut(&name));
        if let Some(field) = field {
            field.directive_invocations.extend(model.directive_invocations);
            field.visible = model.visible;
        }
    }
}

fn strictest<'a>(
    registry: &'a Registry,
    interface: &'a MetaType,
    name: &'a str,
    superuser: Option<&str>,
) -> Option<&'a MetaField> {
    let implementers: Vec<_> = super::rows::implementers(registry, interface, name).map(|(_, field)| field).collect();
    let ruled = implementers.iter().all(|field| !rules(field).is_empty());
    let is_strictest = |one: &MetaField| implementers.iter().all(|other| imply(&rules(one), &rules(other), superuser));
    implementers.iter().copied().find(|field| ruled && is_strictest(field))
}

/// Appends the rule to the description of each guarded field.
fn describe(registry: &mut Registry, conventions: &Conventions) {
    for ty in registry.types.values_mut().filter(|ty| !is_system(ty.name())) {
        for field in fields_mut(ty).into_iter().flat_map(|fields| fields.values_mut()) {
            let demands = sentences(&rules(field), conventions);
            let before = field.description.get_or_insert_default();
            if !before.ends_with(&demands) {
                let between = if before.contains('\n') { "\n\n" } else { " " };
                before.push_str(if before.is_empty() { "" } else { between });
                before.push_str(&demands);
            }
            field.description.take_if(|description| description.is_empty());
        }
    }
}

fn sentences(rules: &[Rule], conventions: &Conventions) -> String {
    let demanding = rules.iter().filter(|rule| !rule.is_public());
    demanding.map(|rule| format!("Requires {}.", conventions.phrase(rule))).collect::<Vec<_>>().join(" ")
}

/// Hides the mutation and subscription roots from callers who see none of their fields: a type without fields would
/// make their introspection result an invalid schema.
fn hide_empty_roots(registry: &mut Registry) {
    show_if(registry, registry.mutation_type.clone(), |ctx| {
        sees_any(ctx, ctx.schema_env.registry.mutation_type.as_deref())
    });
    show_if(registry, registry.subscription_type.clone(), |ctx| {
        sees_any(ctx, ctx.schema_env.registry.subscription_type.as_deref())
    });
}

fn show_if(registry: &mut Registry, root: Option<String>, sees: fn(&Context<'_>) -> bool) {
    let root = root.and_then(|name| registry.types.get_mut(&name));
    if let Some(MetaType::Object { visible, .. }) = root {
        *visible = Some(sees);
    }
}

fn sees_any(ctx: &Context<'_>, root: Option<&str>) -> bool {
    let fields = root.and_then(|name| ctx.schema_env.registry.types.get(name)).and_then(MetaType::fields);
    fields.is_some_and(|fields| fields.values().any(|field| field.visible.is_none_or(|sees| sees(ctx))))
}
