//! Everything that can be selected from a root field, as a tree whose branches are paths to coordinates.

use super::{
    samples::ARGUMENTS,
    schema::{Map, named},
};

/// A field selected on a type, with everything that can be selected below it.
#[derive(Debug)]
pub struct Selection {
    /// The type it is selected on: an object, or an interface if the path leads through one.
    pub on: String,
    pub name: String,
    /// Its type in schema syntax.
    pub ty: String,
    /// Its arguments with placeholders. Empty if it has none.
    pub arguments: String,
    /// Empty for a leaf and for a type that is already on the path.
    pub below: Vec<Self>,
    /// Whether it returns objects.
    pub is_composite: bool,
}

impl Selection {
    pub fn coordinate(&self) -> String {
        format!("{}.{}", self.on, self.name)
    }
}

/// Every selection of the field `name` on the type `on`, one for each sample. `passed` are the types on the path to it.
pub fn select(map: &Map, on: &str, name: &str, passed: &[&str]) -> Vec<Selection> {
    let coordinate = format!("{on}.{name}");
    let field = map.field(&coordinate);
    let target = named(&field.ty);
    let samples = ARGUMENTS.iter().filter(|sample| sample.0 == coordinate).map(|sample| sample.1);
    let mut samples: Vec<_> = samples.collect();
    if samples.is_empty() {
        let hint = "takes arguments: add valid ones to ARGUMENTS, tests/it/walk/samples.rs";
        assert!(field.arguments.is_empty(), "`{coordinate}` {hint}");
        samples.push("");
    }
    let passed = [passed, &[on]].concat();
    let selection = |arguments: &str| Selection {
        on: on.to_owned(),
        name: name.to_owned(),
        ty: field.ty.clone(),
        arguments: arguments.to_owned(),
        below: below(map, target, &passed),
        is_composite: map.types.contains_key(target),
    };
    samples.into_iter().map(selection).collect()
}

/// The selections on `target`: its fields, and those of its possible types.
fn below(map: &Map, target: &str, passed: &[&str]) -> Vec<Selection> {
    let Some(ty) = map.types.get(target) else { return Vec::new() };
    let types = std::iter::once(target).chain(ty.possible.iter().map(String::as_str));
    let new = types.filter(|ty| !passed.contains(ty));
    let fields = new.flat_map(|on| map.types[on].fields.iter().map(move |field| (on, field)));
    fields.filter_map(|(on, field)| first(select(map, on, &field.name, passed))).collect()
}

/// Below the root one sample is enough: two would need an alias.
fn first(selections: Vec<Selection>) -> Option<Selection> {
    selections.into_iter().next()
}
