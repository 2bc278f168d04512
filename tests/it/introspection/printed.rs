//! The coordinates in a printed schema.

use std::collections::BTreeSet;

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
    },
};

use super::shown::is_specified;

/// The coordinates of all types, fields, arguments, input fields and enum values.
pub fn coordinates(sdl: &str) -> BTreeSet<String> {
    let definitions = parse_schema(sdl).unwrap().definitions;
    let types = definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) => Some(&ty.node),
        _ => None,
    });
    types.filter(|ty| !is_specified(&ty.name.node)).flat_map(type_coordinates).collect()
}

fn type_coordinates(ty: &TypeDefinition) -> Vec<String> {
    let name = ty.name.node.as_str();
    let mut all = vec![name.to_owned()];
    match &ty.kind {
        TypeKind::Object(object) => all.extend(field_coordinates(name, &object.fields)),
        TypeKind::Interface(interface) => all.extend(field_coordinates(name, &interface.fields)),
        TypeKind::InputObject(input) => all.extend(input_coordinates(name, &input.fields)),
        TypeKind::Enum(ty) => all.extend(ty.values.iter().map(|value| format!("{name}.{}", value.node.value.node))),
        TypeKind::Scalar | TypeKind::Union(_) => {}
    }
    all
}

fn field_coordinates(ty: &str, fields: &[Positioned<FieldDefinition>]) -> Vec<String> {
    let coordinates_of = |field: &Positioned<FieldDefinition>| {
        let coordinate = format!("{ty}.{}", field.node.name.node);
        let arguments = input_coordinates(&coordinate, &field.node.arguments);
        [vec![coordinate], arguments].concat()
    };
    fields.iter().flat_map(coordinates_of).collect()
}

fn input_coordinates(of: &str, inputs: &[Positioned<InputValueDefinition>]) -> Vec<String> {
    inputs.iter().map(|input| format!("{of}.{}", input.node.name.node)).collect()
}
