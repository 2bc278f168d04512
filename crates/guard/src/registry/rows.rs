//! Every coordinate of a schema with its rules.

use async_graphql::registry::{MetaField, MetaType, Registry};
use fieldguard_policy::rule::Rule;

use super::is_system;
use crate::directive;

/// One field and what it demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its coordinate, `Type.field`.
    pub coordinate: String,
    /// Its rules, of which all hold. One for most fields; none is a fault that [`audit`](super::audit) names.
    pub rules: Vec<Rule>,
}

/// Every field of every object and interface, by coordinate, the library's own left out.
#[must_use]
pub fn rows(registry: &Registry) -> Vec<Row> {
    let mut rows: Vec<_> =
        fields(registry).map(|(ty, field)| Row { coordinate: coordinate(ty, field), rules: rules(field) }).collect();
    rows.sort_by(|one, other| one.coordinate.cmp(&other.coordinate));
    rows
}

/// The rules of the field `name` of the type `ty`, of which all hold; none where there is no such field.
#[must_use]
pub fn rules_of(registry: &Registry, ty: &str, name: &str) -> Vec<Rule> {
    let field = registry.types.get(ty).and_then(|it| it.field_by_name(name));
    field.map(rules).unwrap_or_default()
}

pub(super) fn fields(registry: &Registry) -> impl Iterator<Item = (&MetaType, &MetaField)> {
    let types = registry.types.values().filter(|it| !is_system(it.name()));
    types.flat_map(|ty| {
        let fields = ty.fields().into_iter().flat_map(|it| it.values());
        fields.filter(|it| !is_system(&it.name)).map(move |field| (ty, field))
    })
}

pub(super) fn coordinate(ty: &MetaType, field: &MetaField) -> String {
    format!("{}.{}", ty.name(), field.name)
}

pub(super) fn rules(field: &MetaField) -> Vec<Rule> {
    directive::rules(&field.directive_invocations)
}

/// The field `name` of every type behind `interface`, with the type.
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
