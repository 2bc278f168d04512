//! The part of a schema that one caller sees, with the same predicate as introspection.

use async_graphql::{
    indexmap::IndexMap,
    registry::{MetaField, MetaType, Registry},
};
use fieldguard_policy::Principal;

use super::{is_system, reach, rows::rules};
use crate::is_seen;

const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

pub(super) fn restrict(registry: &mut Registry, caller: Option<&dyn Principal>) {
    for ty in registry.types.values_mut() {
        if let Some(fields) = fields_mut(ty) {
            fields.retain(|_, field| is_seen(&rules(field), caller));
        }
    }
    let is_empty = |types: &std::collections::BTreeMap<String, MetaType>, name: &mut String| {
        types.get(name).and_then(MetaType::fields).is_none_or(IndexMap::is_empty)
    };
    registry.mutation_type.take_if(|name| is_empty(&registry.types, name));
    registry.subscription_type.take_if(|name| is_empty(&registry.types, name));
    let reached = reach::reachable(registry);
    let stays = |name: &str| reached.contains(name) || is_system(name) || BUILT_IN.contains(&name);
    registry.types.retain(|name, _| stays(name));
    registry.implements.retain(|name, _| stays(name));
    registry.implements.values_mut().for_each(|interfaces| interfaces.retain(|name| stays(name)));
    for ty in registry.types.values_mut() {
        if let MetaType::Interface { possible_types, .. } | MetaType::Union { possible_types, .. } = ty {
            possible_types.retain(|name| stays(name));
        }
    }
}

pub(super) fn fields_mut(ty: &mut MetaType) -> Option<&mut IndexMap<String, MetaField>> {
    match ty {
        MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } => Some(fields),
        _ => None,
    }
}
