//! "What may I do?": the access map, what one may do to an account, explained documents, and what becomes of refused fields.
//! All of it is held against what running documents are refused.

mod arguments;
mod before;
mod can;
mod explain;
mod generated;
mod map;
mod mutations;
mod on_denied;
mod reality;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::actor::Actor;

/// The refusals in an answer: where, without indexes of lists, and of what.
pub fn refusals(answer: &Value) -> BTreeSet<(Vec<String>, String)> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let refusal = |error: &Value| {
        let coordinate = error["extensions"]["coordinate"].as_str()?.to_owned();
        let path = error["path"].as_array().into_iter().flatten();
        Some((path.filter_map(|it| it.as_str().map(str::to_owned)).collect(), coordinate))
    };
    errors.iter().filter_map(refusal).collect()
}

/// A field of a document, as `explainAccess` has it.
#[derive(Debug, Clone)]
pub struct Explained {
    pub path: Vec<String>,
    pub coordinate: String,
    pub decision: String,
    pub is_reached: bool,
}

/// For whom a document is explained: `asRole` and `asUser`.
pub type Whom = (Option<String>, Option<String>);

/// Has `admin` explain documents, each for somebody.
pub async fn explain(admin: &Actor, documents: &[(String, Whom)]) -> Vec<Vec<Explained>> {
    let (mut declared, mut fields, mut variables) = (Vec::new(), Vec::new(), json!({}));
    for (n, (document, (role, user))) in documents.iter().enumerate() {
        declared.push(format!("$d{n}: String! $r{n}: String $u{n}: ID"));
        fields.push(format!(
            "a{n}: explainAccess(document: $d{n}, asRole: $r{n}, asUserId: $u{n}) {{ paths {{ path isReached access {{ coordinate decision }} }} }}"
        ));
        variables[format!("d{n}")] = json!(document);
        variables[format!("r{n}")] = json!(role);
        variables[format!("u{n}")] = json!(user);
    }
    let (declared, fields) = (declared.join(" "), fields.join(" "));
    let answer = admin.gql_with(&format!("query ({declared}) {{ {fields} }}"), variables).await.ok();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let explained = |it: &Value| Explained {
        path: it["path"].as_array().unwrap().iter().map(text).collect(),
        coordinate: text(&it["access"]["coordinate"]),
        decision: text(&it["access"]["decision"]),
        is_reached: it["isReached"].as_bool().unwrap(),
    };
    let paths = |n| answer.at(&format!("/data/a{n}/paths")).as_array().unwrap().iter().map(explained).collect();
    (0..documents.len()).map(paths).collect()
}

/// The types of the objects that an answer has at `path`, by their `__typename`.
fn types_at(value: &Value, path: &[String]) -> BTreeSet<String> {
    match (value, path) {
        (Value::Array(items), _) => items.iter().flat_map(|it| types_at(it, path)).collect(),
        (Value::Object(object), [key, rest @ ..]) => object.get(key).map(|it| types_at(it, rest)).unwrap_or_default(),
        (Value::Object(object), []) => object["__typename"].as_str().map(str::to_owned).into_iter().collect(),
        _ => BTreeSet::new(),
    }
}

/// Where `explained` and the answer to the same document disagree. What is to be refused must be, wherever the answer has an
/// object; what is refused must have been told; of what depends, nothing is asked but that nothing else is refused.
pub fn disagreements(explained: &[Explained], answer: &Value) -> Vec<String> {
    let refused = refusals(answer);
    let mut wrong = Vec::new();
    // Below an interface, several types can lead to one field.
    let is_reached = |it: &Explained| {
        explained.iter().any(|other| other.is_reached && other.path == it.path && other.coordinate == it.coordinate)
    };
    for it in explained {
        let ty = it.coordinate.split('.').next().unwrap();
        let is_there = types_at(&answer["data"], &it.path[..it.path.len() - 1]).contains(ty);
        let is_refused = refused.contains(&(it.path.clone(), it.coordinate.clone()));
        match it.decision.as_str() {
            "ALLOWED" if is_refused => wrong.push(format!("refused: {it:?}")),
            "DENIED" if it.is_reached && is_there && !is_refused => wrong.push(format!("not refused: {it:?}")),
            _ if is_there && !is_reached(it) => wrong.push(format!("reached: {it:?}")),
            _ => {}
        }
    }
    for (path, coordinate) in &refused {
        let told = explained
            .iter()
            .any(|it| it.path == *path && it.coordinate == *coordinate && it.decision != "ALLOWED" && it.is_reached);
        if !told {
            wrong.push(format!("not told of: {coordinate} at {path:?}"));
        }
    }
    wrong
}
