//! The schema as a map: the fields of each type, their types and their rules.

use std::collections::BTreeMap;

use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use fieldguard::{
    api::{self, CONVENTIONS},
    domain::rule::Rule,
    guard::registry::{self, Row},
};

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// Its type in schema syntax: `[Role!]`.
    pub ty: String,
    /// Its arguments: name and type.
    pub arguments: Vec<(String, String)>,
}

/// An object, an interface or a union.
#[derive(Debug, Clone, Default)]
pub struct Type {
    pub fields: Vec<Field>,
    /// The possible object types of an interface or a union. Empty for an object.
    pub possible: Vec<String>,
    pub interfaces: Vec<String>,
}

/// The whole schema.
pub struct Map {
    pub rows: Vec<Row>,
    /// Objects, interfaces and unions by name.
    pub types: BTreeMap<String, Type>,
    /// The root types: query, mutation, subscription.
    pub roots: Vec<String>,
}

impl Map {
    /// The map of Fieldguard's own schema.
    pub fn new() -> Self {
        let builder = registry::complete(api::schema(), &CONVENTIONS);
        registry::inspect(builder, |registry| Self {
            rows: registry::rows(registry),
            types: types(registry),
            roots: roots(registry),
        })
        .1
    }

    /// The field at a coordinate.
    #[track_caller]
    pub fn field(&self, coordinate: &str) -> &Field {
        let (ty, name) = coordinate.split_once('.').unwrap();
        self.types[ty].fields.iter().find(|field| field.name == name).unwrap()
    }

    /// The rules at a coordinate.
    #[track_caller]
    pub fn rules(&self, coordinate: &str) -> &[Rule] {
        let row = self.rows.iter().find(|row| row.coordinate == coordinate);
        &row.unwrap_or_else(|| panic!("the access table has no line for `{coordinate}`")).rules
    }
}

/// The name of the type inside `[Role!]!`.
pub fn named(ty: &str) -> &str {
    MetaTypeName::concrete_typename(ty)
}

fn roots(registry: &Registry) -> Vec<String> {
    let others = [&registry.mutation_type, &registry.subscription_type];
    std::iter::once(&registry.query_type).chain(others.into_iter().flatten()).cloned().collect()
}

fn types(registry: &Registry) -> BTreeMap<String, Type> {
    let own_types = registry.types.values().filter(|ty| !ty.name().starts_with("__"));
    let read = |ty: &MetaType| {
        if !ty.is_composite() {
            return None;
        }
        let fields =
            ty.fields().into_iter().flat_map(|fields| fields.values()).filter(|field| !field.name.starts_with("__"));
        let fields = fields.map(|field| Field {
            name: field.name.clone(),
            ty: field.ty.clone(),
            arguments: field.args.values().map(|argument| (argument.name.clone(), argument.ty.clone())).collect(),
        });
        let possible = ty.possible_types().into_iter().flatten().cloned().collect();
        let interfaces = registry.implements.get(ty.name()).into_iter().flatten().cloned().collect();
        Some((ty.name().to_owned(), Type { fields: fields.collect(), possible, interfaces }))
    };
    own_types.filter_map(read).collect()
}
