//! The expected answer, computed only from the access table and [`Rule::decide`].

use std::collections::BTreeSet;

use fieldguard::domain::{
    principal::Principal,
    rule::{Refusal, Rule},
};
use serde_json::{Value, json};

use super::{
    form::Form,
    samples::{MAY_BE_NULL, OWNED, is_handed, is_own_node},
    schema::Map,
    selection::Selection,
};

/// Checks one answer.
pub struct Oracle<'a> {
    pub map: &'a Map,
    pub form: Form,
    /// The caller of the request.
    pub caller: Option<&'a Principal>,
    /// The caller's user id. Empty for an anonymous caller.
    pub id: &'a str,
    /// The expected denials: path, code, coordinate.
    refusals: Vec<Value>,
    /// The differences from the expected answer.
    faults: Vec<String>,
    /// The coordinates that have a value.
    granted: BTreeSet<String>,
}

impl<'a> Oracle<'a> {
    pub fn new(map: &'a Map, form: Form, caller: Option<&'a Principal>, id: &'a str) -> Self {
        Self { map, form, caller, id, refusals: Vec::new(), faults: Vec::new(), granted: BTreeSet::new() }
    }

    /// Returns the coordinates that have a value in the answer to `root`, or all differences from the expected answer.
    pub fn judge(mut self, root: &Selection, answer: &Value) -> Result<BTreeSet<String>, Vec<String>> {
        self.object(&answer["data"], std::slice::from_ref(root), &[], false);
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        let mut errors: Vec<_> = errors.iter().map(summary).collect();
        let expected = std::mem::take(&mut self.refusals);
        for refusal in expected {
            match errors.iter().position(|error| *error == refusal) {
                Some(at) => drop(errors.swap_remove(at)),
                None => self.faults.push(format!("the error {refusal} is missing")),
            }
        }
        self.faults.extend(errors.iter().map(|error| format!("no rule requires the error {error}")));
        if self.faults.is_empty() { Ok(self.granted) } else { Err(self.faults) }
    }

    /// Compares an object with the selections on it: it has exactly their keys, and is null exactly where a rule denies
    /// access.
    fn object(&mut self, object: &Value, selections: &[Selection], path: &[Value], handed: bool) {
        let Some(ty) = object["__typename"].as_str() else {
            return self.faults.push(format!("no object is at {}: {object}", json!(path)));
        };
        let is_own =
            handed || (ty == "User" && object[self.form.key("id")] == self.id) || is_own_node(ty, path, self.form);
        let mut keys = BTreeSet::from(["__typename".to_owned()]);
        for selection in selections
            .iter()
            .filter(|selection| selection.on == ty || self.map.types[&selection.on].possible.contains(&ty.to_owned()))
        {
            let key = self.form.key(&selection.name);
            let path = [path, &[json!(key)]].concat();
            let value = object.get(&key).unwrap_or(&Value::Null);
            let is_new = keys.insert(key);
            match self.refusal(ty, selection, is_own) {
                Some(_) if !is_new => {}
                Some(refusal) => self.refused(ty, selection, refusal, value, &path),
                None => self.granted(ty, selection, value, &path, is_own),
            }
        }
        let present: BTreeSet<_> = object.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
        if keys != present {
            self.faults.push(format!("{} has the keys {present:?} instead of {keys:?}", json!(path)));
        }
    }

    /// The refusal of the first rule that denies the caller.
    fn refusal(&mut self, ty: &str, selection: &Selection, is_own: bool) -> Option<Refusal> {
        let rules = self.map.rules(&format!("{ty}.{}", selection.name));
        if !OWNED.contains(&ty) && rules.iter().any(Rule::yields_to_owner) {
            self.faults.push(format!("add to tests/it/walk/oracle.rs how to find the owner of a `{ty}`"));
        }
        rules.iter().find_map(|rule| rule.decide(self.caller, is_own).err())
    }

    fn refused(&mut self, ty: &str, selection: &Selection, refusal: Refusal, value: &Value, path: &[Value]) {
        if !value.is_null() {
            self.faults.push(format!(
                "{} has a value, though `{ty}.{}` is denied: {value}",
                json!(path),
                selection.name
            ));
        }
        let code = match refusal {
            Refusal::Unauthenticated => "UNAUTHENTICATED",
            Refusal::Forbidden | Refusal::NoSession | Refusal::OneFactor | Refusal::NotFresh => "FORBIDDEN",
        };
        self.refusals.push(json!([path, code, format!("{ty}.{}", selection.name)]));
    }

    fn granted(&mut self, ty: &str, selection: &Selection, value: &Value, path: &[Value], is_own: bool) {
        let coordinate = format!("{ty}.{}", selection.name);
        if value.is_null() {
            if !MAY_BE_NULL.contains(&coordinate.as_str()) {
                let hint = "add a sample with a value, or add the field to MAY_BE_NULL, tests/it/walk/samples.rs";
                self.faults.push(format!("{} is null, though `{coordinate}` is not denied here: {hint}", json!(path)));
            }
            return;
        }
        let handed = is_handed(&coordinate, is_own);
        self.granted.extend([coordinate, selection.coordinate()]);
        if selection.is_composite {
            self.each(value, selection, path, handed);
        }
    }

    fn each(&mut self, value: &Value, selection: &Selection, path: &[Value], handed: bool) {
        let Some(items) = value.as_array() else { return self.object(value, &selection.below, path, handed) };
        for (index, item) in items.iter().enumerate() {
            self.each(item, selection, &[path, &[json!(index)]].concat(), handed);
        }
    }
}

/// The path, code and coordinate of an error.
fn summary(error: &Value) -> Value {
    let [code, coordinate] = ["code", "coordinate"].map(|name| error["extensions"][name].clone());
    if coordinate.is_null() { error.clone() } else { json!([error["path"], code, coordinate]) }
}
