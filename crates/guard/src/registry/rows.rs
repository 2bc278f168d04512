//! The fields of a schema with their rules.

use async_graphql::registry::{MetaField, MetaType, Registry};
use fieldguard_policy::rule::Rule;

use super::is_system;
use crate::directive;

/// A field with its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The field coordinate, `Type.field`.
    pub coordinate: String,
    /// The rules. A caller must pass all of them. Most fields have one; a field without one is a fault that
    /// [`audit`](super::audit) reports.
    pub rules: Vec<Rule>,
}

/// The fields of all objects and interfaces in coordinate order, without async-graphql's own.
#[must_use]
pub fn rows(registry: &Registry) -> Vec<Row> {
    let mut rows: Vec<_> =
        fields(registry).map(|(ty, field)| Row { coordinate: coordinate(ty, field), rules: rules(field) }).collect();
    rows.sort_by(|one, other| one.coordinate.cmp(&other.coordinate));
    rows
}

/// The rules of the field `name` of the type `ty`. The caller must pass all of them. Empty if there is no such field.
#[must_use]
pub fn rules_of(registry: &Registry, ty: &str, name: &str) -> Vec<Rule> {
    let field = registry.types.get(ty).and_then(|ty| ty.field_by_name(name));
    field.map(rules).unwrap_or_default()
}

pub(super) fn fields(registry: &Registry) -> impl Iterator<Item = (&MetaType, &MetaField)> {
    let types = registry.types.values().filter(|ty| !is_system(ty.name()));
    types.flat_map(|ty| {
        let fields = ty.fields().into_iter().flat_map(|fields| fields.values());
        fields.filter(|field| !is_system(&field.name)).map(move |field| (ty, field))
    })
}

pub(super) fn coordinate(ty: &MetaType, field: &MetaField) -> String {
    format!("{}.{}", ty.name(), field.name)
}

pub(super) fn rules(field: &MetaField) -> Vec<Rule> {
    directive::rules(&field.directive_invocations)
}

/// The field `name` of every type that implements `interface`, with the type.
pub(super) fn implementers<'a>(
    registry: &'a Registry,
    interface: &'a MetaType,
    name: &'a str,
) -> impl Iterator<Item = (&'a MetaType, &'a MetaField)> {
    let members = interface.possible_types().into_iter().flatten();
    members.filter_map(move |member| {
        let ty = registry.types.get(member)?;
        Some((ty, ty.field_by_name(name)?))
    })
}
