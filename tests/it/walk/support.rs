//! What `fieldguard access --role support` prints, held against what a support desk meets over HTTP: the table of the built
//! program on the same database is the only thing that says here what has to be.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{
    cast::{Cast, Part, Player},
    form::Form,
    samples::{is_handed, is_own_node},
    schema::{Map, named},
    selection::{Selection, select},
    unlimited,
};
use crate::app::{Server, each_with};

const SUPPORT: &str = "support";
/// Beginnings of coordinates that have no value for a support desk here: what it asks `access` about demands no role and
/// lacks nothing, nobody has read what is personal to it, and nobody is about to be deleted.
const WITHOUT_VALUE: [&str; 4] =
    ["AccessRequirement.role", "MissingRequirement.", "PersonalDataAccess", "User.deletionScheduledAt"];

#[on_each_database]
async fn a_support_desk_meets_what_the_program_prints_of_its_role() {
    each_with(unlimited, async |server| {
        // Among its roles there is this one.
        let cast = Cast::new(server).await;
        let (map, told) = (Map::new(), told(server));
        assert_eq!(told.len(), map.rows.len(), "a line for each coordinate");
        assert!(["ALLOWED", "SELF", "DENIED"].iter().all(|word| told.values().any(|it| it == word)));
        let part = Part::Holder(SUPPORT.to_owned());
        let standing = cast.player(&part).await;
        let mut walk = Walk { map: &map, told: &told, me: String::new(), met: BTreeSet::new(), faults: Vec::new() };
        for form in Form::ALL {
            for (root, field) in
                map.roots.iter().flat_map(|it| map.types[it].fields.iter().map(move |field| (it, field)))
            {
                for selection in select(&map, root, &field.name, &[]) {
                    let is_made = root != "Query" && told[&selection.coordinate()] != "DENIED";
                    let fresh = if is_made { Some(cast.player(&part).await) } else { None };
                    walk.ask(&cast, form, &selection, fresh.as_ref().unwrap_or(&standing)).await;
                }
            }
        }
        let reachable = walk.reachable();
        for missed in map.rows.iter().map(|row| &row.coordinate).filter(|it| !walk.met.contains(*it)) {
            let (ty, _) = missed.split_once('.').unwrap();
            if reachable.contains(ty) && !WITHOUT_VALUE.iter().any(|it| missed.starts_with(it)) {
                walk.faults.push(format!("`{missed}` was never met"));
            }
        }
        assert!(walk.met.len() > map.rows.len() / 2, "{} of {} were met", walk.met.len(), map.rows.len());
        assert!(walk.faults.is_empty(), "{} faults:\n{}", walk.faults.len(), walk.faults.join("\n"));
    })
    .await;
}

/// What the program says of each coordinate.
fn told(server: &Server) -> BTreeMap<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fieldguard"));
    command.args(["access", "--role", SUPPORT, "--format", "json"]).env_clear();
    command.env("FIELDGUARD_DATABASE_URL", &server.database.url).current_dir(server.database.directory.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    lines.iter().map(|line| (text(&line["coordinate"]), text(&line["access"][SUPPORT]))).collect()
}

struct Walk<'a> {
    map: &'a Map,
    told: &'a BTreeMap<String, String>,
    /// The `id` of whoever asks.
    me: String,
    /// The coordinates that had a value or were refused.
    met: BTreeSet<String>,
    faults: Vec<String>,
}

impl<'a> Walk<'a> {
    async fn ask(&mut self, cast: &Cast<'_>, form: Form, root: &Selection, player: &Player) {
        let document = cast.fill(&form.document(self.map, root), player).await;
        let answer = player.actor.gql(&document).await;
        self.me.clone_from(&player.actor.id);
        let mut errors = answer.at("/errors").as_array().cloned().unwrap_or_default();
        self.object(&answer.json["data"], std::slice::from_ref(root), form, &[], false, &mut errors);
        self.faults.extend(errors.iter().map(|it| format!("{form:?}, `{}`: the error {it}", root.coordinate())));
    }

    /// Holds what was selected on an object against the table, and takes the refusals it explains out of `errors`.
    fn object(
        &mut self,
        object: &Value,
        selections: &[Selection],
        form: Form,
        path: &[Value],
        handed: bool,
        errors: &mut Vec<Value>,
    ) {
        let Some(ty) = object["__typename"].as_str() else {
            return self.faults.push(format!("no object is at {}: {object}", json!(path)));
        };
        let is_own =
            handed || (ty == "User" && object[form.key("id")] == self.me.as_str()) || is_own_node(ty, path, form);
        let is_here = |it: &&Selection| it.on == ty || self.map.types[&it.on].possible.contains(&ty.to_owned());
        for selection in selections.iter().filter(is_here).collect::<Vec<_>>() {
            let (key, coordinate) = (form.key(&selection.name), format!("{ty}.{}", selection.name));
            let path = [path, &[json!(key)]].concat();
            let value = &object[&key];
            let passes = match self.told[&coordinate].as_str() {
                "ALLOWED" => true,
                "SELF" => is_own,
                _ => false,
            };
            let refusal = errors
                .iter()
                .position(|it| it["path"] == json!(path) && it["extensions"]["coordinate"] == coordinate.as_str());
            if let Some(at) = refusal {
                let code = errors.swap_remove(at)["extensions"]["code"].clone();
                if passes || !value.is_null() || code != "FORBIDDEN" {
                    self.faults.push(format!("{form:?}: `{coordinate}` is refused with {code} at {}", json!(path)));
                }
            } else if !value.is_null() && !passes {
                self.faults.push(format!("{form:?}: `{coordinate}` has a value at {}", json!(path)));
            }
            if refusal.is_some() || !value.is_null() {
                self.met.extend([coordinate.clone(), selection.coordinate()]);
            }
            if selection.is_composite && !value.is_null() {
                let handed = is_handed(&coordinate, is_own);
                self.each(value, &selection.below, form, &path, handed, errors);
            }
        }
    }

    fn each(
        &mut self,
        value: &Value,
        below: &[Selection],
        form: Form,
        path: &[Value],
        handed: bool,
        errors: &mut Vec<Value>,
    ) {
        let Some(items) = value.as_array() else { return self.object(value, below, form, path, handed, errors) };
        for (index, item) in items.iter().enumerate() {
            self.each(item, below, form, &[path, &[json!(index)]].concat(), handed, errors);
        }
    }

    /// The types to which fields lead that are not denied.
    fn reachable(&self) -> BTreeSet<&'a str> {
        let (map, told) = (self.map, self.told);
        let mut reached: BTreeSet<&str> = map.roots.iter().map(String::as_str).collect();
        loop {
            let open = |ty: &str, field: &str| told[&format!("{ty}.{field}")] != "DENIED";
            let led = reached.iter().flat_map(|ty| map.types[*ty].fields.iter().map(move |field| (ty, field)));
            let led = led.filter(|(ty, field)| open(ty, &field.name)).map(|(_, field)| named(&field.ty));
            let next: BTreeSet<&str> = led.filter(|it| map.types.contains_key(*it)).collect();
            let before = reached.len();
            reached.extend(next);
            if reached.len() == before {
                return reached;
            }
        }
    }
}
