//! The walk: requests every field coordinate of the schema over HTTP, as every kind of caller and by every path to it,
//! and compares the answers with the access table.
//!
//! From each root field one document selects everything that can be reached: each of its branches is a path to a
//! coordinate, through lists, payloads and interfaces. It is written in every [`form::Form`] and sent by every
//! [`personas::PersonaKind`]. The [`oracle`] computes the expected answer from the rules. A new field needs no code
//! here, unless it takes arguments: then [`samples`] needs an entry.

pub mod form;
pub mod generated;
pub mod oracle;
pub mod personas;
pub mod samples;
pub mod schema;
pub mod selection;
mod support;

use std::collections::BTreeSet;

use fieldguard::config::Config;
use fieldguard_test_macros::on_each_database;

use self::{
    form::Form,
    oracle::Oracle,
    personas::{Persona, PersonaKind, Personas},
    samples::{ARGUMENTS, MAY_BE_NULL},
    schema::Map,
    selection::{Selection, select},
};
use crate::{
    app::{Server, each_with},
    second_factors,
};

#[on_each_database]
async fn answers_to_plain_documents_match_the_access_table() {
    each_with(unlimited, async |server| walk(server, Form::Direct).await).await;
}

#[tokio::test]
async fn answers_to_aliases_match_the_access_table() {
    walk_on_sqlite(Form::Alias).await;
}

#[tokio::test]
async fn answers_to_named_fragments_match_the_access_table() {
    walk_on_sqlite(Form::NamedFragment).await;
}

#[tokio::test]
async fn answers_to_inline_fragments_match_the_access_table() {
    walk_on_sqlite(Form::InlineFragment).await;
}

#[tokio::test]
async fn answers_through_interfaces_match_the_access_table() {
    walk_on_sqlite(Form::Interface).await;
}

/// How a document is spelled changes what the engine plans, and no statement: one database is enough.
async fn walk_on_sqlite(form: Form) {
    walk(&Server::with(unlimited).await, form).await;
}

/// Each form has its own test, so that they run in parallel.
async fn walk(server: &Server, form: Form) {
    let (map, personas) = (Map::new(), Personas::new(server).await);
    let mut walk = Walk { map: &map, personas: &personas, standing: Vec::new(), faults: Vec::new() };
    for kind in personas.kinds() {
        let persona = personas.create(&kind).await;
        personas.add_items(&persona).await;
        walk.standing.push((kind, persona));
    }
    walk.walk(form).await;
    let many = walk.faults.len();
    walk.faults.truncate(20);
    assert!(many == 0, "{many} faults, of which the first are:\n{}", walk.faults.join("\n"));
}

/// Configures limits under which one document can select everything and report every denial.
pub fn unlimited(config: &mut Config) {
    // The personas sign in repeatedly to create the sessions that documents refer to.
    config.session.limit = 1_000;
    second_factors::with_key(config);
    second_factors::require_for(config, "enrolling");
    let limits = &mut config.limits;
    for limit in [
        &mut limits.documents.aliases,
        &mut limits.documents.selections,
        &mut limits.documents.depth,
        &mut limits.documents.nesting,
        &mut limits.documents.errors,
    ] {
        *limit = 10_000;
    }
    limits.documents.complexity = 100_000;
}

/// Whether `root` is a mutation that the persona is allowed to run. Such a mutation needs a new persona and a new
/// target. A denied mutation changes nothing.
pub fn is_made(map: &Map, root: &Selection, persona: &Persona) -> bool {
    let rules = map.rules(&root.coordinate());
    root.on != "Query" && rules.iter().all(|rule| rule.decide(persona.principal.as_ref(), false).is_ok())
}

struct Walk<'a> {
    map: &'a Map,
    personas: &'a Personas<'a>,
    /// One persona of each kind, for documents that change nothing.
    standing: Vec<(PersonaKind, Persona)>,
    faults: Vec<String>,
}

impl Walk<'_> {
    /// Sends every document in one form, and checks that every coordinate has a value for some persona.
    async fn walk(&mut self, form: Form) {
        let mut granted = BTreeSet::new();
        let roots =
            self.map.roots.iter().flat_map(|root| self.map.types[root].fields.iter().map(move |field| (root, field)));
        for root in roots.flat_map(|(root, field)| select(self.map, root, &field.name, &[])) {
            let had_values = self.ask_every_persona(form, &root).await;
            if !had_values.contains(&root.coordinate()) {
                self.faults.push(format!(
                    "{form:?}: `{}({})` has no value for any persona",
                    root.coordinate(),
                    root.arguments
                ));
            }
            granted.extend(had_values);
        }
        for row in self.map.rows.iter().filter(|row| !granted.contains(&row.coordinate)) {
            let hint = "add arguments for a field that leads to it to ARGUMENTS, tests/it/walk/samples.rs";
            self.faults.push(format!("{form:?}: no path led to a value of `{}`: {hint}", row.coordinate));
        }
    }

    async fn ask_every_persona(&mut self, form: Form, root: &Selection) -> BTreeSet<String> {
        let document = form.document(self.map, root);
        let mut granted = BTreeSet::new();
        for (kind, standing) in &self.standing {
            let fresh = if is_made(self.map, root, standing) { Some(self.personas.create(kind).await) } else { None };
            let persona = fresh.as_ref().unwrap_or(standing);
            let answer = persona.actor.gql(&self.personas.fill(&document, persona).await).await;
            let oracle = Oracle::new(self.map, form, persona.principal.as_ref(), &persona.actor.id);
            match oracle.judge(root, &answer.json) {
                Ok(had_values) => granted.extend(had_values),
                Err(faults) => {
                    let place = format!("{kind:?}, {form:?}, `{}({})`", root.coordinate(), root.arguments);
                    self.faults.extend(faults.into_iter().map(|fault| format!("{place}: {fault}")));
                }
            }
        }
        granted
    }
}

#[test]
fn samples_refer_to_existing_fields() {
    let map = Map::new();
    for coordinate in
        ARGUMENTS.iter().map(|(coordinate, _)| coordinate).chain(MAY_BE_NULL).chain(samples::HANDED_TO_OWNER)
    {
        assert!(
            map.rows.iter().any(|row| row.coordinate == *coordinate),
            "`{coordinate}` does not exist: remove its sample"
        );
    }
}
