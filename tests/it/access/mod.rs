//! The access map, `User.can`, `explainAccess` and `onDenied`. Each is compared with the denials that execution gives.

mod arguments;
mod can;
mod every_coordinate;
mod explain;
mod generated;
mod map;
mod mutations;
mod on_denied;
mod reject_by_type;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::actor::Actor;

/// The denials in an answer, as path without list indexes, and coordinate.
pub fn refusals(answer: &Value) -> BTreeSet<(Vec<String>, String)> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let refusal = |error: &Value| {
        let coordinate = error["extensions"]["coordinate"].as_str()?.to_owned();
        let path = error["path"].as_array().into_iter().flatten();
        Some((path.filter_map(|segment| segment.as_str().map(str::to_owned)).collect(), coordinate))
    };
    errors.iter().filter_map(refusal).collect()
}

/// A field of a document, as `explainAccess` reports it.
#[derive(Debug, Clone)]
pub struct Explained {
    pub path: Vec<String>,
    pub coordinate: String,
    pub decision: String,
    pub is_reached: bool,
}

/// The caller for whom a document is explained: `asRole` and `asUserId`.
pub type ExplainedFor = (Option<String>, Option<String>);

/// Explains documents in one request by `admin`.
pub async fn explain(admin: &Actor, documents: &[(String, ExplainedFor)]) -> Vec<Vec<Explained>> {
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
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let explained = |field: &Value| Explained {
        path: field["path"].as_array().unwrap().iter().map(text).collect(),
        coordinate: text(&field["access"]["coordinate"]),
        decision: text(&field["access"]["decision"]),
        is_reached: field["isReached"].as_bool().unwrap(),
    };
    let paths = |n| answer.at(&format!("/data/a{n}/paths")).as_array().unwrap().iter().map(explained).collect();
    (0..documents.len()).map(paths).collect()
}

/// The `__typename`s of the objects at `path` of an answer.
fn types_at(value: &Value, path: &[String]) -> BTreeSet<String> {
    match (value, path) {
        (Value::Array(items), _) => items.iter().flat_map(|item| types_at(item, path)).collect(),
        (Value::Object(object), [key, rest @ ..]) => {
            object.get(key).map(|value| types_at(value, rest)).unwrap_or_default()
        }
        (Value::Object(object), []) => object["__typename"].as_str().map(str::to_owned).into_iter().collect(),
        _ => BTreeSet::new(),
    }
}

/// Where `explained` and the answer to the same document disagree. A field that is `DENIED` must be denied wherever the
/// answer has its object. A field that is denied must not be `ALLOWED`. Nothing is required of a field that `DEPENDS`.
pub fn disagreements(explained: &[Explained], answer: &Value) -> Vec<String> {
    let refused = refusals(answer);
    let mut wrong = Vec::new();
    // Below an interface, several types can lead to one field.
    let is_reached = |field: &Explained| {
        explained
            .iter()
            .any(|other| other.is_reached && other.path == field.path && other.coordinate == field.coordinate)
    };
    for field in explained {
        let ty = field.coordinate.split('.').next().unwrap();
        let is_there = types_at(&answer["data"], &field.path[..field.path.len() - 1]).contains(ty);
        let is_refused = refused.contains(&(field.path.clone(), field.coordinate.clone()));
        match field.decision.as_str() {
            "ALLOWED" if is_refused => wrong.push(format!("refused: {field:?}")),
            "DENIED" if field.is_reached && is_there && !is_refused => wrong.push(format!("not refused: {field:?}")),
            _ if is_there && !is_reached(field) => wrong.push(format!("reached: {field:?}")),
            _ => {}
        }
    }
    for (path, coordinate) in &refused {
        let is_predicted = explained.iter().any(|field| {
            field.path == *path && field.coordinate == *coordinate && field.decision != "ALLOWED" && field.is_reached
        });
        if !is_predicted {
            wrong.push(format!("not predicted: {coordinate} at {path:?}"));
        }
    }
    wrong
}
