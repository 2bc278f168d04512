//! What an answer has to be, computed from the access table and [`Rule::decide`] and from nothing else.

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

/// Judges one answer.
pub struct Oracle<'a> {
    pub map: &'a Map,
    pub form: Form,
    /// For whom the request ran.
    pub caller: Option<&'a Principal>,
    /// The id of the caller's account; empty for nobody.
    pub id: &'a str,
    /// The refusals there have to be: path, code, coordinate.
    refusals: Vec<Value>,
    /// What is wrong.
    faults: Vec<String>,
    /// The coordinates that had a value.
    granted: BTreeSet<String>,
}

impl<'a> Oracle<'a> {
    pub fn new(map: &'a Map, form: Form, caller: Option<&'a Principal>, id: &'a str) -> Self {
        Self { map, form, caller, id, refusals: Vec::new(), faults: Vec::new(), granted: BTreeSet::new() }
    }

    /// The coordinates that had a value in the answer to `root`, or all that is wrong with it.
    pub fn judge(mut self, root: &Selection, answer: &Value) -> Result<BTreeSet<String>, Vec<String>> {
        self.object(&answer["data"], std::slice::from_ref(root), &[], false);
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        let mut errors: Vec<_> = errors.iter().map(seen).collect();
        let expected = std::mem::take(&mut self.refusals);
        for refusal in expected {
            match errors.iter().position(|it| *it == refusal) {
                Some(at) => drop(errors.swap_remove(at)),
                None => self.faults.push(format!("there is no error {refusal}")),
            }
        }
        self.faults.extend(errors.iter().map(|it| format!("no rule asks for the error {it}")));
        if self.faults.is_empty() { Ok(self.granted) } else { Err(self.faults) }
    }

    /// Holds an object against the selections made on it: exactly their keys, null exactly where a rule refuses.
    fn object(&mut self, object: &Value, selections: &[Selection], path: &[Value], handed: bool) {
        let Some(ty) = object["__typename"].as_str() else {
            return self.faults.push(format!("no object is at {}: {object}", json!(path)));
        };
        let is_own =
            handed || (ty == "User" && object[self.form.key("id")] == self.id) || is_own_node(ty, path, self.form);
        let mut keys = BTreeSet::from(["__typename".to_owned()]);
        for selection in
            selections.iter().filter(|it| it.on == ty || self.map.types[&it.on].possible.contains(&ty.to_owned()))
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

    /// Why the first rule that refuses the caller does so.
    fn refusal(&mut self, ty: &str, selection: &Selection, is_own: bool) -> Option<Refusal> {
        let rules = self.map.rules(&format!("{ty}.{}", selection.name));
        if !OWNED.contains(&ty) && rules.iter().any(Rule::yields_to_owner) {
            self.faults.push(format!("say in tests/it/walk/oracle.rs how one sees whose a `{ty}` is"));
        }
        rules.iter().find_map(|rule| rule.decide(self.caller, is_own).err())
    }

    fn refused(&mut self, ty: &str, selection: &Selection, refusal: Refusal, value: &Value, path: &[Value]) {
        if !value.is_null() {
            self.faults.push(format!("{} is there, though `{ty}.{}` is refused: {value}", json!(path), selection.name));
        }
        let code = match refusal {
            Refusal::Unauthenticated => "UNAUTHENTICATED",
            Refusal::Forbidden | Refusal::NoSession | Refusal::NotFresh => "FORBIDDEN",
        };
        self.refusals.push(json!([path, code, format!("{ty}.{}", selection.name)]));
    }

    fn granted(&mut self, ty: &str, selection: &Selection, value: &Value, path: &[Value], is_own: bool) {
        let coordinate = format!("{ty}.{}", selection.name);
        if value.is_null() {
            if !MAY_BE_NULL.contains(&coordinate.as_str()) {
                let hint = "give its sample something to answer, or add it to MAY_BE_NULL, tests/it/walk/samples.rs";
                self.faults.push(format!("{} is null, though `{coordinate}` refuses nobody here: {hint}", json!(path)));
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

/// What a client sees of an error.
fn seen(error: &Value) -> Value {
    let [code, coordinate] = ["code", "coordinate"].map(|it| error["extensions"][it].clone());
    if coordinate.is_null() { error.clone() } else { json!([error["path"], code, coordinate]) }
}
