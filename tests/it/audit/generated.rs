//! Generated queries: every personal field of another user in an answer is recorded.

use std::collections::{BTreeMap, BTreeSet};

use fieldguard::domain::rule::Rule;
use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::{audit_events, request_id};
use crate::{
    actor::Actor,
    app::{Server, each_with},
    walk::{
        generated::{Random, Writer, samples, without_limits},
        personas::{PersonaKind, Personas},
        schema::Map,
    },
};

/// Every object with a known owner: the ids of users, sessions and tokens.
const OWNED: &str = "{ users(first: 100) { edges { node { id
    sessions(first: 100) { edges { node { id } } } personalAccessTokens(first: 100) { edges { node { id } } } } } } }";

/// An owner's id and a coordinate.
type Read = (String, String);

#[on_each_database]
async fn personal_fields_in_generated_answers_are_recorded() {
    each_with(without_limits, async |server| check(server, 5, 200).await).await;
}

#[on_each_database]
#[ignore = "takes minutes; the test above is a small part of it"]
async fn personal_fields_in_thousands_of_generated_answers_are_recorded() {
    each_with(without_limits, async |server| check(server, 4, 5_000).await).await;
}

async fn check(server: &Server, seed: u64, documents: usize) {
    let (map, personas, admin) = (Map::new(), Personas::new(server).await, server.admin().await);
    let mut players = Vec::new();
    for kind in personas.kinds().into_iter().filter(|kind| matches!(kind, PersonaKind::Holder(_) | PersonaKind::Script))
    {
        let persona = personas.create(&kind).await;
        let samples = samples(&personas, &persona).await;
        players.push((persona, samples));
    }
    let owners = owners(&admin).await;
    let (mut random, mut delivered) = (Random(seed), 0);
    for _ in 0..documents {
        let (persona, samples) = &players[random.below(players.len())];
        let document = Writer::new(&map, samples, &mut random).document();
        let answer = persona.actor.gql(&document).await;
        let mut found = Delivered { map: &map, owners: &owners, caller: &persona.actor.id, reads: BTreeSet::new() };
        found.look(answer.at("/data"));
        delivered += found.reads.len();
        if !found.reads.is_empty() {
            let recorded = recorded(&admin, &request_id(&answer)).await;
            let missing: Vec<_> = found.reads.difference(&recorded).collect();
            assert!(missing.is_empty(), "{missing:?} are not recorded: {document}\n{}", answer.text);
        }
    }
    assert!(delivered > documents / 2, "{delivered} fields are too few");
}

async fn owners(admin: &Actor) -> BTreeMap<String, String> {
    let answer = admin.gql(OWNED).await.ok();
    let ids = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let nodes =
        |connection: &Value| connection["edges"].as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect();
    let mut owners = BTreeMap::new();
    let users: Vec<Value> = nodes(answer.at("/data/users"));
    for user in users {
        let things: [Vec<Value>; 2] = [nodes(&user["sessions"]), nodes(&user["personalAccessTokens"])];
        owners.extend(things.iter().flatten().chain([&user]).map(|thing| (ids(thing), ids(&user))));
    }
    owners
}

/// The reads that the events of this request record.
async fn recorded(admin: &Actor, request: &Value) -> BTreeSet<Read> {
    let rows = audit_events(admin, "action: PERSONAL_DATA_READ").await;
    let of_request = rows.iter().filter(|row| row["requestId"] == *request);
    let texts = |value: &Value| {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let reads = |row: &Value| {
        let coordinates = texts(&row["coordinates"]);
        let each = |owner: String| coordinates.clone().into_iter().map(move |coordinate| (owner.clone(), coordinate));
        texts(&row["subjectIds"]).into_iter().flat_map(each).collect::<Vec<_>>()
    };
    of_request.flat_map(reads).collect()
}

/// The personal fields of other users in an answer.
struct Delivered<'a> {
    map: &'a Map,
    owners: &'a BTreeMap<String, String>,
    caller: &'a str,
    reads: BTreeSet<Read>,
}

impl Delivered<'_> {
    fn look(&mut self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.look(value)),
            Value::Object(object) => {
                for (key, value) in object.iter().filter(|entry| !entry.1.is_null()) {
                    if let Some(ty) = object["__typename"].as_str().filter(|_| key != "__typename") {
                        self.field(ty, key.rsplit('_').next().unwrap(), value_id(object, ty));
                    }
                    self.look(value);
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, ty: &str, name: &str, id: Option<&str>) {
        let coordinate = format!("{ty}.{name}");
        let row = self.map.rows.iter().find(|row| row.coordinate == coordinate);
        if row.is_some_and(|row| row.rules.iter().any(Rule::yields_to_owner)) {
            let id = id.unwrap_or_else(|| panic!("`{coordinate}` has no id"));
            let owner = self.owners.get(id).unwrap_or_else(|| panic!("the `{ty}` {id} has no owner"));
            if owner != self.caller {
                self.reads.insert((owner.clone(), coordinate));
            }
        }
    }
}

fn value_id<'a>(object: &'a serde_json::Map<String, Value>, ty: &str) -> Option<&'a str> {
    object.get(&format!("{ty}_id"))?.as_str()
}
