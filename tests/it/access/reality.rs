//! Every coordinate, for everyone, by real requests: `access` and `explainAccess` say beforehand what is refused.

use std::collections::{BTreeMap, BTreeSet};

use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::{Whom, disagreements, explain, refusals};
use crate::{
    app::each_with,
    walk::{
        cast::{Cast, Part, Player},
        form::Form,
        is_made,
        oracle::Oracle,
        schema::Map,
        selection::{Selection, select},
        unlimited,
    },
};

/// What one part's requests came to.
#[derive(Default)]
struct Seen {
    refused: BTreeSet<String>,
    granted: BTreeSet<String>,
}

#[on_each_database]
async fn access_and_explain_access_say_what_running_documents_are_refused() {
    each_with(unlimited, async |server| {
        let (map, cast, admin) = (Map::new(), Cast::new(server).await, server.admin().await);
        let mut faults = Vec::new();
        for part in cast.parts() {
            let standing = cast.player(&part).await;
            let told = told(&standing).await;
            let mut seen = Seen::default();
            for root in roots(&map) {
                let fresh = if is_made(&map, &root, &standing) { Some(cast.player(&part).await) } else { None };
                let player = fresh.as_ref().unwrap_or(&standing);
                let document = cast.fill(&Form::Alias.document(&map, &root), player).await;
                let mut wrong = Vec::new();
                let explained = match whom(&part, player) {
                    Some(whom) => Some(explain(&admin, &[(document.clone(), whom)]).await.remove(0)),
                    None => None,
                };
                let answer = player.actor.gql(&document).await;
                if let Some(explained) = explained {
                    wrong = disagreements(&explained, &answer.json);
                }
                let place = format!("{part:?}, {}({})", root.coordinate(), root.arguments);
                faults.extend(wrong.into_iter().map(|it| format!("{place}: {it}")));
                let oracle = Oracle::new(&map, Form::Alias, player.principal.as_ref(), &player.actor.id);
                seen.granted.extend(oracle.judge(&root, &answer.json).unwrap_or_default());
                seen.refused.extend(refusals(&answer.json).into_iter().map(|it| it.1));
            }
            faults.extend(held(&told, &seen).into_iter().map(|it| format!("{part:?}: {it}")));
        }
        let many = faults.len();
        faults.truncate(20);
        assert!(many == 0, "{many} faults, of which the first are:\n{}", faults.join("\n"));
    })
    .await;
}

fn roots(map: &Map) -> Vec<Selection> {
    let fields = map.roots.iter().flat_map(|root| map.types[root].fields.iter().map(move |it| (root, it)));
    fields.flat_map(|(root, field)| select(map, root, &field.name, &[])).collect()
}

/// For whom what the player sends is explained. Of a personal access token nothing is, since each has rights of its own.
fn whom(part: &Part, player: &Player) -> Option<Whom> {
    match part {
        Part::Anonymous => Some((None, None)),
        Part::Owner | Part::Other => Some((None, Some(player.actor.id.clone()))),
        Part::Holder(role) => Some((Some(role.clone()), Some(player.actor.id.clone()))),
        Part::Script => None,
    }
}

/// The whole map, as the player is told it.
async fn told(player: &Player) -> BTreeMap<String, String> {
    let answer = player.actor.gql("{ access { fields { coordinate decision } } }").await.ok();
    let fields = answer.at("/data/access/fields").as_array().unwrap().iter();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    fields.map(|it| (text(&it["coordinate"]), text(&it["decision"]))).collect()
}

/// Where the map and what came of requests disagree.
fn held(told: &BTreeMap<String, String>, seen: &Seen) -> Vec<String> {
    let decision = |coordinate: &String| told.get(coordinate).map_or("NOT SHOWN", String::as_str);
    let refused = seen.refused.iter().filter(|it| decision(it) == "ALLOWED");
    let granted = seen.granted.iter().filter(|it| matches!(decision(it), "DENIED" | "NOT SHOWN"));
    let mut faults: Vec<_> = refused.map(|it| format!("{it} is refused, though it is told to be allowed")).collect();
    faults.extend(granted.map(|it| format!("{it} has a value, though it is told to be {}", decision(it))));
    let both = seen.refused.intersection(&seen.granted).filter(|it| decision(it) != "DEPENDS");
    faults.extend(both.map(|it| format!("{it} depends, though it is told to be {}", decision(it))));
    faults
}
