//! Everything that can be selected from a root field: a tree of which every branch is a way to a coordinate.

use super::{
    samples::ARGUMENTS,
    schema::{Map, named},
};

/// A field selected on a type, with all that can be selected below it.
#[derive(Debug)]
pub struct Selection {
    /// The type it is selected on: an object or, where that is how one gets there, an interface.
    pub on: String,
    pub name: String,
    /// Its type as the schema writes it.
    pub ty: String,
    /// Its arguments with their placeholders; empty where it has none.
    pub arguments: String,
    /// Empty for a leaf, and where the way has come round to a type it has passed.
    pub below: Vec<Self>,
    /// Does it lead to an object?
    pub is_composite: bool,
}

impl Selection {
    pub fn coordinate(&self) -> String {
        format!("{}.{}", self.on, self.name)
    }
}

/// Every selection of the field `name` on the type `on`, one for each line of samples it has; `passed` are the types on the
/// way to it.
pub fn select(map: &Map, on: &str, name: &str, passed: &[&str]) -> Vec<Selection> {
    let coordinate = format!("{on}.{name}");
    let field = map.field(&coordinate);
    let target = named(&field.ty);
    let samples = ARGUMENTS.iter().filter(|it| it.0 == coordinate).map(|it| it.1);
    let mut samples: Vec<_> = samples.collect();
    if samples.is_empty() {
        let lacks = "takes arguments: give it good ones in ARGUMENTS, tests/it/walk/samples.rs";
        assert!(field.arguments.is_empty(), "`{coordinate}` {lacks}");
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

/// What can be selected on `target`: its fields, and those of each type behind it.
fn below(map: &Map, target: &str, passed: &[&str]) -> Vec<Selection> {
    let Some(ty) = map.types.get(target) else { return Vec::new() };
    let types = std::iter::once(target).chain(ty.possible.iter().map(String::as_str));
    let new = types.filter(|it| !passed.contains(it));
    let fields = new.flat_map(|on| map.types[on].fields.iter().map(move |field| (on, field)));
    fields.filter_map(|(on, field)| first(select(map, on, &field.name, passed))).collect()
}

/// Below the root one sample is enough: two could not stand beside each other without an alias.
fn first(selections: Vec<Selection>) -> Option<Selection> {
    selections.into_iter().next()
}
