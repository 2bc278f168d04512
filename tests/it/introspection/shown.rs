//! The answer to the introspection query, and a check that it is a valid schema.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::actor::Actor;

/// The introspection query without descriptions.
pub const DOCUMENT: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    directives { args { type { ...T } } }
    types {
        kind name
        fields(includeDeprecated: true) { name type { ...T } args { name type { ...T } } }
        inputFields { name type { ...T } } enumValues(includeDeprecated: true) { name }
        interfaces { name } possibleTypes { name }
    }
} }
fragment T on __Type { name ofType { name ofType { name ofType { name ofType { name } } } } }";

/// The schema that introspection showed to a caller.
pub struct Shown(Value);

impl Shown {
    pub async fn to(actor: &Actor) -> Self {
        Self(actor.gql(DOCUMENT).await.ok().at("/data/__schema").clone())
    }

    /// The types except those of the GraphQL specification.
    fn types(&self) -> impl Iterator<Item = &Value> {
        list(&self.0["types"]).filter(|ty| !is_specified(text(ty)))
    }

    /// The coordinates of the fields of objects and interfaces.
    pub fn fields(&self) -> BTreeSet<String> {
        self.types().flat_map(|ty| members(ty, "fields")).collect()
    }

    /// The coordinates of all types, fields, arguments, input fields and enum values.
    pub fn all(&self) -> BTreeSet<String> {
        let arguments = |ty: &Value| -> Vec<String> {
            let fields = list(&ty["fields"]);
            fields.flat_map(|field| list(&field["args"]).map(|arg| coordinate(ty, field) + "." + text(arg))).collect()
        };
        let of = |ty: &Value| {
            let members = ["fields", "inputFields", "enumValues"].map(|kind| members(ty, kind)).concat();
            [vec![text(ty).to_owned()], members, arguments(ty)].concat()
        };
        self.types().flat_map(of).collect()
    }

    /// The reasons why this is not a valid schema.
    pub fn faults(&self) -> Vec<String> {
        let names: BTreeSet<_> = list(&self.0["types"]).map(text).collect();
        let mut references = Vec::new();
        collect(&self.0, &mut references);
        let unknown =
            references.into_iter().filter(|name| !names.contains(name)).map(|name| format!("`{name}` is not shown"));
        let has_fields = |ty: &&Value| matches!(ty["kind"].as_str(), Some("OBJECT" | "INTERFACE" | "INPUT_OBJECT"));
        let is_empty = |ty: &&Value| [members(ty, "fields"), members(ty, "inputFields")].concat().is_empty();
        let empty = self.types().filter(has_fields).filter(is_empty).map(|ty| format!("`{}` has no fields", text(ty)));
        unknown.chain(empty).chain(self.types().flat_map(|ty| self.unimplemented(ty))).collect()
    }

    /// The fields of its interfaces that the type lacks.
    fn unimplemented(&self, ty: &Value) -> Vec<String> {
        let own: BTreeSet<_> = list(&ty["fields"]).map(text).collect();
        let interfaces = list(&ty["interfaces"]).map(text);
        let fields = interfaces.flat_map(|name| self.types().filter(move |ty| text(ty) == name));
        let fields = fields.flat_map(|interface| list(&interface["fields"]).map(text));
        fields.filter(|field| !own.contains(field)).map(|field| format!("`{}` lacks `{field}`", text(ty))).collect()
    }
}

/// Collects the names of all types that are referred to.
fn collect<'a>(value: &'a Value, names: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(members) => {
            for (key, value) in members {
                let references = ["type", "ofType", "interfaces", "possibleTypes", "queryType", "mutationType"];
                if references.contains(&key.as_str()) {
                    let one = [value];
                    let all = value.as_array().map_or(one.to_vec(), |items| items.iter().collect());
                    names.extend(all.into_iter().filter_map(|ty| ty["name"].as_str()));
                }
                collect(value, names);
            }
        }
        _ => {}
    }
}

pub fn is_specified(name: &str) -> bool {
    name.starts_with("__") || ["Boolean", "Float", "ID", "Int", "String"].contains(&name)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(named: &Value) -> &str {
    named["name"].as_str().unwrap()
}

fn coordinate(ty: &Value, member: &Value) -> String {
    format!("{}.{}", text(ty), text(member))
}

fn members(ty: &Value, kind: &str) -> Vec<String> {
    list(&ty[kind]).map(|member| coordinate(ty, member)).collect()
}
