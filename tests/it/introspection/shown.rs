//! The answer to the introspection query, and whether it is a valid schema.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::actor::Actor;

/// Asks for everything that introspection tells, but descriptions.
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

/// What a caller was shown.
pub struct Shown(Value);

impl Shown {
    pub async fn to(actor: &Actor) -> Self {
        Self(actor.gql(DOCUMENT).await.ok().at("/data/__schema").clone())
    }

    /// The types, the specification's own left out.
    fn types(&self) -> impl Iterator<Item = &Value> {
        list(&self.0["types"]).filter(|it| !is_specified(text(it)))
    }

    /// The fields of objects and interfaces, as coordinates.
    pub fn fields(&self) -> BTreeSet<String> {
        self.types().flat_map(|ty| members(ty, "fields")).collect()
    }

    /// Everything that has a name: types, fields, arguments, members of input objects, values of enums.
    pub fn all(&self) -> BTreeSet<String> {
        let arguments = |ty: &Value| -> Vec<String> {
            let fields = list(&ty["fields"]);
            fields.flat_map(|it| list(&it["args"]).map(|arg| coordinate(ty, it) + "." + text(arg))).collect()
        };
        let of = |ty: &Value| {
            let members = ["fields", "inputFields", "enumValues"].map(|kind| members(ty, kind)).concat();
            [vec![text(ty).to_owned()], members, arguments(ty)].concat()
        };
        self.types().flat_map(of).collect()
    }

    /// What keeps it from being a valid schema.
    pub fn faults(&self) -> Vec<String> {
        let names: BTreeSet<_> = list(&self.0["types"]).map(text).collect();
        let mut references = Vec::new();
        collect(&self.0, &mut references);
        let unknown = references.into_iter().filter(|it| !names.contains(it)).map(|it| format!("`{it}` is not shown"));
        let has_fields = |ty: &&Value| matches!(ty["kind"].as_str(), Some("OBJECT" | "INTERFACE" | "INPUT_OBJECT"));
        let is_empty = |ty: &&Value| [members(ty, "fields"), members(ty, "inputFields")].concat().is_empty();
        let empty = self.types().filter(has_fields).filter(is_empty).map(|it| format!("`{}` has no fields", text(it)));
        unknown.chain(empty).chain(self.types().flat_map(|it| self.unimplemented(it))).collect()
    }

    /// What an object lacks of what its interfaces have.
    fn unimplemented(&self, ty: &Value) -> Vec<String> {
        let own: BTreeSet<_> = list(&ty["fields"]).map(text).collect();
        let interfaces = list(&ty["interfaces"]).map(text);
        let fields = interfaces.flat_map(|name| self.types().filter(move |it| text(it) == name));
        let fields = fields.flat_map(|interface| list(&interface["fields"]).map(text));
        fields.filter(|it| !own.contains(it)).map(|it| format!("`{}` lacks `{it}`", text(ty))).collect()
    }
}

/// The names of all types that are referred to.
fn collect<'a>(value: &'a Value, names: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| collect(it, names)),
        Value::Object(members) => {
            for (key, value) in members {
                let references = ["type", "ofType", "interfaces", "possibleTypes", "queryType", "mutationType"];
                if references.contains(&key.as_str()) {
                    let one = [value];
                    let all = value.as_array().map_or(one.to_vec(), |it| it.iter().collect());
                    names.extend(all.into_iter().filter_map(|it| it["name"].as_str()));
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
    list(&ty[kind]).map(|it| coordinate(ty, it)).collect()
}
