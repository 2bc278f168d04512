//! The names in a printed schema.

use std::collections::BTreeSet;

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
    },
};

use super::shown::is_specified;

/// Everything that has a name: types, fields, arguments, members of input objects, values of enums.
pub fn coordinates(sdl: &str) -> BTreeSet<String> {
    let definitions = parse_schema(sdl).unwrap().definitions;
    let types = definitions.iter().filter_map(|it| match it {
        TypeSystemDefinition::Type(ty) => Some(&ty.node),
        _ => None,
    });
    types.filter(|it| !is_specified(&it.name.node)).flat_map(of_type).collect()
}

fn of_type(ty: &TypeDefinition) -> Vec<String> {
    let name = ty.name.node.as_str();
    let mut all = vec![name.to_owned()];
    match &ty.kind {
        TypeKind::Object(it) => all.extend(of_fields(name, &it.fields)),
        TypeKind::Interface(it) => all.extend(of_fields(name, &it.fields)),
        TypeKind::InputObject(it) => all.extend(of_inputs(name, &it.fields)),
        TypeKind::Enum(it) => all.extend(it.values.iter().map(|it| format!("{name}.{}", it.node.value.node))),
        TypeKind::Scalar | TypeKind::Union(_) => {}
    }
    all
}

fn of_fields(ty: &str, fields: &[Positioned<FieldDefinition>]) -> Vec<String> {
    let of_field = |field: &Positioned<FieldDefinition>| {
        let coordinate = format!("{ty}.{}", field.node.name.node);
        let arguments = of_inputs(&coordinate, &field.node.arguments);
        [vec![coordinate], arguments].concat()
    };
    fields.iter().flat_map(of_field).collect()
}

fn of_inputs(of: &str, inputs: &[Positioned<InputValueDefinition>]) -> Vec<String> {
    inputs.iter().map(|it| format!("{of}.{}", it.node.name.node)).collect()
}
