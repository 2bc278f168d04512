//! Completes a schema with what no single field can know or say.

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
    judge_times(registry);
}

/// Lets validation judge texts that are to be times. The library does so while it runs, and then gives up the whole answer,
/// with whatever errors there were by then.
fn judge_times(registry: &mut Registry) {
    if let Some(MetaType::Scalar { is_valid, .. }) = registry.types.get_mut(TIME) {
        *is_valid = Some(Arc::new(is_time));
    }
}

/// Gives an interface's field the rule of its strictest implementer, so that no caller is shown a field on the interface that
/// is hidden on a type behind it. Where no implementer is as strict as every other, the field stays without a rule.
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
        let field = registry.types.get_mut(&ty).and_then(fields_mut).and_then(|it| it.get_mut(&name));
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
    let ruled = implementers.iter().all(|it| !rules(it).is_empty());
    let is_strictest = |one: &MetaField| implementers.iter().all(|other| imply(&rules(one), &rules(other), superuser));
    implementers.iter().copied().find(|it| ruled && is_strictest(it))
}

/// Ends each guarded field's description with its rule.
fn describe(registry: &mut Registry, conventions: &Conventions) {
    for ty in registry.types.values_mut().filter(|it| !is_system(it.name())) {
        for field in fields_mut(ty).into_iter().flat_map(|it| it.values_mut()) {
            let demands = sentences(&rules(field), conventions);
            let before = field.description.get_or_insert_default();
            if !before.ends_with(&demands) {
                let between = if before.contains('\n') { "\n\n" } else { " " };
                before.push_str(if before.is_empty() { "" } else { between });
                before.push_str(&demands);
            }
            field.description.take_if(|it| it.is_empty());
        }
    }
}

fn sentences(rules: &[Rule], conventions: &Conventions) -> String {
    let demanding = rules.iter().filter(|it| !it.is_public());
    demanding.map(|it| format!("Requires {}.", conventions.phrase(it))).collect::<Vec<_>>().join(" ")
}

/// Hides the roots of mutations and subscriptions from callers who see none of their fields: a type without fields would
/// make their introspection an invalid schema.
fn hide_empty_roots(registry: &mut Registry) {
    show_if(registry, registry.mutation_type.clone(), |ctx| {
        sees_any(ctx, ctx.schema_env.registry.mutation_type.as_deref())
    });
    show_if(registry, registry.subscription_type.clone(), |ctx| {
        sees_any(ctx, ctx.schema_env.registry.subscription_type.as_deref())
    });
}

fn show_if(registry: &mut Registry, root: Option<String>, sees: fn(&Context<'_>) -> bool) {
    let root = root.and_then(|it| registry.types.get_mut(&it));
    if let Some(MetaType::Object { visible, .. }) = root {
        *visible = Some(sees);
    }
}

fn sees_any(ctx: &Context<'_>, root: Option<&str>) -> bool {
    let fields = root.and_then(|it| ctx.schema_env.registry.types.get(it)).and_then(MetaType::fields);
    fields.is_some_and(|it| it.values().any(|field| field.visible.is_none_or(|sees| sees(ctx))))
}
