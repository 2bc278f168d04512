//! Requests every coordinate as every persona: `access` and `explainAccess` predict what is denied.

use std::collections::{BTreeMap, BTreeSet};

use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::{ExplainedFor, disagreements, explain, refusals};
use crate::{
    app::each_with,
    walk::{
        form::Form,
        is_made,
        oracle::Oracle,
        personas::{Persona, PersonaKind, Personas},
        schema::Map,
        selection::{Selection, select},
        unlimited,
    },
};

/// The outcome of the requests of one persona.
#[derive(Default)]
struct Seen {
    refused: BTreeSet<String>,
    granted: BTreeSet<String>,
}

#[on_each_database]
async fn access_and_explain_access_predict_the_denials_of_every_coordinate() {
    each_with(unlimited, async |server| {
        let (map, personas, admin) = (Map::new(), Personas::new(server).await, server.admin().await);
        let mut faults = Vec::new();
        for kind in personas.kinds() {
            let standing = personas.create(&kind).await;
            let access_map = access_map(&standing).await;
            let mut seen = Seen::default();
            for root in roots(&map) {
                let fresh = if is_made(&map, &root, &standing) { Some(personas.create(&kind).await) } else { None };
                let persona = fresh.as_ref().unwrap_or(&standing);
                let document = personas.fill(&Form::Alias.document(&map, &root), persona).await;
                let mut wrong = Vec::new();
                let explained = match explained_for(&kind, persona) {
                    Some(explained_for) => Some(explain(&admin, &[(document.clone(), explained_for)]).await.remove(0)),
                    None => None,
                };
                let answer = persona.actor.gql(&document).await;
                if let Some(explained) = explained {
                    wrong = disagreements(&explained, &answer.json);
                }
                let place = format!("{kind:?}, {}({})", root.coordinate(), root.arguments);
                faults.extend(wrong.into_iter().map(|fault| format!("{place}: {fault}")));
                let oracle = Oracle::new(&map, Form::Alias, persona.principal.as_ref(), &persona.actor.id);
                seen.granted.extend(oracle.judge(&root, &answer.json).unwrap_or_default());
                seen.refused.extend(refusals(&answer.json).into_iter().map(|denial| denial.1));
            }
            faults.extend(map_disagreements(&access_map, &seen).into_iter().map(|fault| format!("{kind:?}: {fault}")));
        }
        let many = faults.len();
        faults.truncate(20);
        assert!(many == 0, "{many} faults, the first 20:\n{}", faults.join("\n"));
    })
    .await;
}

fn roots(map: &Map) -> Vec<Selection> {
    let fields = map.roots.iter().flat_map(|root| map.types[root].fields.iter().map(move |field| (root, field)));
    fields.flat_map(|(root, field)| select(map, root, &field.name, &[])).collect()
}

/// The caller for whom the document of this persona is explained. `explainAccess` does not cover a personal access token, which
/// has permissions of its own.
fn explained_for(kind: &PersonaKind, persona: &Persona) -> Option<ExplainedFor> {
    match kind {
        PersonaKind::Anonymous => Some((None, None)),
        PersonaKind::Owner | PersonaKind::Other => Some((None, Some(persona.actor.id.clone()))),
        PersonaKind::Holder(role) => Some((Some(role.clone()), Some(persona.actor.id.clone()))),
        PersonaKind::Script => None,
    }
}

/// The access map of this persona.
async fn access_map(persona: &Persona) -> BTreeMap<String, String> {
    let answer = persona.actor.gql("{ access { fields { coordinate decision } } }").await.ok();
    let fields = answer.at("/data/access/fields").as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    fields.map(|field| (text(&field["coordinate"]), text(&field["decision"]))).collect()
}

/// Where the access map and the outcome of the requests disagree.
fn map_disagreements(access_map: &BTreeMap<String, String>, seen: &Seen) -> Vec<String> {
    let decision = |coordinate: &String| access_map.get(coordinate).map_or("NOT SHOWN", String::as_str);
    let refused = seen.refused.iter().filter(|coordinate| decision(coordinate) == "ALLOWED");
    let granted = seen.granted.iter().filter(|coordinate| matches!(decision(coordinate), "DENIED" | "NOT SHOWN"));
    let mut faults: Vec<_> =
        refused.map(|coordinate| format!("{coordinate} is denied, but the map says ALLOWED")).collect();
    faults.extend(
        granted.map(|coordinate| format!("{coordinate} has a value, but the map says {}", decision(coordinate))),
    );
    let both = seen.refused.intersection(&seen.granted).filter(|coordinate| decision(coordinate) != "DEPENDS");
    faults.extend(both.map(|coordinate| format!("{coordinate} depends, but the map says {}", decision(coordinate))));
    faults
}
