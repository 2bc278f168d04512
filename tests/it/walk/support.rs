//! Compares the output of `fieldguard access --role support` with the answers that a user with that role gets over
//! HTTP. The expected decisions come only from the built program, run on the same database.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{
    form::Form,
    personas::{Persona, PersonaKind, Personas},
    samples::{is_handed, is_own_node},
    schema::{Map, named},
    selection::{Selection, select},
    unlimited,
};
use crate::app::{Server, each_with};

const SUPPORT: &str = "support";
/// Prefixes of coordinates that have no value for the support role here: the coordinates that it passes to `access`
/// require no role and lack no requirement, its personal data has not been read, and no user is scheduled for deletion.
const WITHOUT_VALUE: [&str; 4] =
    ["AccessRequirement.role", "MissingRequirement.", "PersonalDataAccess", "User.deletionScheduledAt"];

#[on_each_database]
async fn support_role_gets_what_the_access_command_prints() {
    each_with(unlimited, async |server| {
        // The personas include the role `support`.
        let personas = Personas::new(server).await;
        let (map, table) = (Map::new(), table(server));
        assert_eq!(table.len(), map.rows.len(), "a line for each coordinate");
        assert!(["ALLOWED", "SELF", "DENIED"].iter().all(|word| table.values().any(|decision| decision == word)));
        let kind = PersonaKind::Holder(SUPPORT.to_owned());
        let standing = personas.create(&kind).await;
        let mut walk = Walk { map: &map, table: &table, me: String::new(), found: BTreeSet::new(), faults: Vec::new() };
        for form in Form::ALL {
            for (root, field) in
                map.roots.iter().flat_map(|root| map.types[root].fields.iter().map(move |field| (root, field)))
            {
                for selection in select(&map, root, &field.name, &[]) {
                    let is_made = root != "Query" && table[&selection.coordinate()] != "DENIED";
                    let fresh = if is_made { Some(personas.create(&kind).await) } else { None };
                    walk.ask(&personas, form, &selection, fresh.as_ref().unwrap_or(&standing)).await;
                }
            }
        }
        let reachable = walk.reachable();
        for missed in map.rows.iter().map(|row| &row.coordinate).filter(|coordinate| !walk.found.contains(*coordinate))
        {
            let (ty, _) = missed.split_once('.').unwrap();
            if reachable.contains(ty) && !WITHOUT_VALUE.iter().any(|prefix| missed.starts_with(prefix)) {
                walk.faults.push(format!("`{missed}` was never reached"));
            }
        }
        assert!(
            walk.found.len() > map.rows.len() / 2,
            "{} of {} coordinates were reached",
            walk.found.len(),
            map.rows.len()
        );
        assert!(walk.faults.is_empty(), "{} faults:\n{}", walk.faults.len(), walk.faults.join("\n"));
    })
    .await;
}

/// The decision that the program prints for each coordinate.
fn table(server: &Server) -> BTreeMap<String, String> {
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
    table: &'a BTreeMap<String, String>,
    /// The caller's user id.
    me: String,
    /// The coordinates that had a value or were denied.
    found: BTreeSet<String>,
    faults: Vec<String>,
}

impl<'a> Walk<'a> {
    async fn ask(&mut self, personas: &Personas<'_>, form: Form, root: &Selection, persona: &Persona) {
        let document = personas.fill(&form.document(self.map, root), persona).await;
        let answer = persona.actor.gql(&document).await;
        self.me.clone_from(&persona.actor.id);
        let mut errors = answer.at("/errors").as_array().cloned().unwrap_or_default();
        self.object(&answer.json["data"], std::slice::from_ref(root), form, &[], false, &mut errors);
        self.faults.extend(errors.iter().map(|error| format!("{form:?}, `{}`: the error {error}", root.coordinate())));
    }

    /// Compares the selections on an object with the table, and removes the errors that it explains from `errors`.
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
        let applies = |selection: &&Selection| {
            selection.on == ty || self.map.types[&selection.on].possible.contains(&ty.to_owned())
        };
        for selection in selections.iter().filter(applies).collect::<Vec<_>>() {
            let (key, coordinate) = (form.key(&selection.name), format!("{ty}.{}", selection.name));
            let path = [path, &[json!(key)]].concat();
            let value = &object[&key];
            let passes = match self.table[&coordinate].as_str() {
                "ALLOWED" => true,
                "SELF" => is_own,
                _ => false,
            };
            let refusal = errors.iter().position(|error| {
                error["path"] == json!(path) && error["extensions"]["coordinate"] == coordinate.as_str()
            });
            if let Some(at) = refusal {
                let code = errors.swap_remove(at)["extensions"]["code"].clone();
                if passes || !value.is_null() || code != "FORBIDDEN" {
                    self.faults.push(format!("{form:?}: `{coordinate}` is denied with {code} at {}", json!(path)));
                }
            } else if !value.is_null() && !passes {
                self.faults.push(format!("{form:?}: `{coordinate}` has a value at {}", json!(path)));
            }
            if refusal.is_some() || !value.is_null() {
                self.found.extend([coordinate.clone(), selection.coordinate()]);
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

    /// The types that are reachable through fields that are not denied.
    fn reachable(&self) -> BTreeSet<&'a str> {
        let (map, table) = (self.map, self.table);
        let mut reached: BTreeSet<&str> = map.roots.iter().map(String::as_str).collect();
        loop {
            let open = |ty: &str, field: &str| table[&format!("{ty}.{field}")] != "DENIED";
            let led = reached.iter().flat_map(|ty| map.types[*ty].fields.iter().map(move |field| (ty, field)));
            let led = led.filter(|(ty, field)| open(ty, &field.name)).map(|(_, field)| named(&field.ty));
            let next: BTreeSet<&str> = led.filter(|ty| map.types.contains_key(*ty)).collect();
            let before = reached.len();
            reached.extend(next);
            if reached.len() == before {
                return reached;
            }
        }
    }
}
