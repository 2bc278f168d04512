//! The lengths of introspection lists in a schema.

use async_graphql::{
    indexmap::{IndexMap, IndexSet},
    registry::{MetaType, Registry},
};

/// The average lengths of introspection lists, at least 1.
pub(super) struct Sizes {
    types: usize,
    directives: usize,
    fields: usize,
    most_fields: usize,
    arguments: usize,
    input_fields: usize,
    enum_values: usize,
    interfaces: usize,
    possible_types: usize,
}

impl Sizes {
    pub(super) fn of(registry: &Registry) -> Self {
        let types = registry.types.len();
        let fields = || registry.types.values().filter_map(MetaType::fields);
        let all_fields: usize = fields().map(IndexMap::len).sum();
        let arguments = fields().flat_map(|fields| fields.values()).map(|field| field.args.len()).sum();
        let per_type = |sum: usize| sum.div_ceil(types.max(1)).max(1);
        let over_types = |count: fn(&MetaType) -> usize| per_type(registry.types.values().map(count).sum());
        Self {
            types,
            directives: registry.directives.len(),
            fields: per_type(all_fields),
            most_fields: fields().map(IndexMap::len).max().unwrap_or(1),
            arguments: usize::div_ceil(arguments, all_fields.max(1)).max(1),
            input_fields: over_types(|ty| match ty {
                MetaType::InputObject { input_fields, .. } => input_fields.len(),
                _ => 0,
            }),
            enum_values: over_types(|ty| match ty {
                MetaType::Enum { enum_values, .. } => enum_values.len(),
                _ => 0,
            }),
            interfaces: per_type(registry.implements.values().map(IndexSet::len).sum()),
            possible_types: over_types(|ty| ty.possible_types().map_or(0, IndexSet::len)),
        }
    }

    /// The length of an introspection list field.
    pub(super) fn of_field(&self, ty: &str, field: &str) -> Option<usize> {
        Some(match (ty, field) {
            ("__Schema", "types") => self.types,
            ("__Schema", "directives") => self.directives,
            ("__Type", "fields") => self.fields,
            ("__Type", "inputFields") => self.input_fields,
            ("__Type", "enumValues") => self.enum_values,
            ("__Type", "interfaces") => self.interfaces,
            ("__Type", "possibleTypes") => self.possible_types,
            ("__Field" | "__Directive", "args") => self.arguments,
            ("__Directive", "locations") => 3,
            _ => return None,
        })
    }

    /// The size of a type that is requested by name, in average types: it may be the largest.
    pub(super) fn of_named_type(&self) -> usize {
        self.most_fields.div_ceil(self.fields)
    }
}
