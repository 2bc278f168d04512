//! The walk: every coordinate of the schema, for everyone, by every path to it, over HTTP, held against the access table.
//!
//! From each root field one document selects everything that can be reached, so that each branch of it is a way to a
//! coordinate: through lists, payloads, interfaces. It is written in every [`form::Form`] and sent by every
//! [`cast::Part`]; what the answer has to be, the [`oracle`] computes from the rules. A new field is walked without a line
//! here, unless it takes arguments: then [`samples`] needs one.

pub mod cast;
pub mod form;
pub mod generated;
pub mod oracle;
pub mod samples;
pub mod schema;
pub mod selection;
mod support;

use std::collections::BTreeSet;

use fieldguard::config::Config;
use fieldguard_test_macros::on_each_database;

use self::{
    cast::{Cast, Part, Player},
    form::Form,
    oracle::Oracle,
    samples::{ARGUMENTS, MAY_BE_NULL},
    schema::Map,
    selection::{Selection, select},
};
use crate::app::each_with;

#[on_each_database]
async fn every_answer_to_a_plain_document_is_what_the_access_table_says() {
    walk(Form::Direct).await;
}

#[tokio::test]
async fn every_answer_to_aliases_is_what_the_access_table_says() {
    walk(Form::Alias).await;
}

#[tokio::test]
async fn every_answer_to_named_fragments_is_what_the_access_table_says() {
    walk(Form::NamedFragment).await;
}

#[tokio::test]
async fn every_answer_to_inline_fragments_is_what_the_access_table_says() {
    walk(Form::InlineFragment).await;
}

#[tokio::test]
async fn every_answer_by_interfaces_is_what_the_access_table_says() {
    walk(Form::Interface).await;
}

/// Each form has a test of its own, so that they run beside each other.
async fn walk(form: Form) {
    each_with(unlimited, async |server| {
        let (map, cast) = (Map::new(), Cast::new(server).await);
        let mut walk = Walk { map: &map, cast: &cast, standing: Vec::new(), faults: Vec::new() };
        for part in cast.parts() {
            let player = cast.player(&part).await;
            cast.furnish(&player).await;
            walk.standing.push((part, player));
        }
        walk.walk(form).await;
        let many = walk.faults.len();
        walk.faults.truncate(20);
        assert!(many == 0, "{many} faults, of which the first are:\n{}", walk.faults.join("\n"));
    })
    .await;
}

/// One document asks for everything, and gets all the refusals there are.
pub fn unlimited(config: &mut Config) {
    // Those who stay signed in do so again and again, for what documents name.
    config.session.limit = 1_000;
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

/// Is it a change that the player is let through to? Somebody new has to make it then, on somebody new; a change that is
/// refused leaves everything as it was.
pub fn is_made(map: &Map, root: &Selection, player: &Player) -> bool {
    let rules = map.rules(&root.coordinate());
    root.on != "Query" && rules.iter().all(|it| it.decide(player.principal.as_ref(), false).is_ok())
}

struct Walk<'a> {
    map: &'a Map,
    cast: &'a Cast<'a>,
    /// One player for each part, for whatever changes nothing.
    standing: Vec<(Part, Player)>,
    faults: Vec<String>,
}

impl Walk<'_> {
    /// Asks for everything in one form, and finds that every coordinate had a value for somebody.
    async fn walk(&mut self, form: Form) {
        let mut granted = BTreeSet::new();
        let roots = self.map.roots.iter().flat_map(|root| self.map.types[root].fields.iter().map(move |it| (root, it)));
        for root in roots.flat_map(|(root, field)| select(self.map, root, &field.name, &[])) {
            let had_values = self.ask_everybody(form, &root).await;
            if !had_values.contains(&root.coordinate()) {
                self.faults.push(format!(
                    "{form:?}: `{}({})` gave a value to nobody",
                    root.coordinate(),
                    root.arguments
                ));
            }
            granted.extend(had_values);
        }
        for row in self.map.rows.iter().filter(|row| !granted.contains(&row.coordinate)) {
            let hint = "give a field that leads to it arguments that do, in ARGUMENTS, tests/it/walk/samples.rs";
            self.faults.push(format!("{form:?}: no way led to a value of `{}`: {hint}", row.coordinate));
        }
    }

    async fn ask_everybody(&mut self, form: Form, root: &Selection) -> BTreeSet<String> {
        let document = form.document(self.map, root);
        let mut granted = BTreeSet::new();
        for (part, standing) in &self.standing {
            let fresh = if is_made(self.map, root, standing) { Some(self.cast.player(part).await) } else { None };
            let player = fresh.as_ref().unwrap_or(standing);
            let answer = player.actor.gql(&self.cast.fill(&document, player).await).await;
            let oracle = Oracle::new(self.map, form, player.principal.as_ref(), &player.actor.id);
            match oracle.judge(root, &answer.json) {
                Ok(had_values) => granted.extend(had_values),
                Err(faults) => {
                    let place = format!("{part:?}, {form:?}, `{}({})`", root.coordinate(), root.arguments);
                    self.faults.extend(faults.into_iter().map(|it| format!("{place}: {it}")));
                }
            }
        }
        granted
    }
}

#[test]
fn the_samples_speak_of_fields_there_are() {
    let map = Map::new();
    for coordinate in ARGUMENTS.iter().map(|it| &it.0).chain(MAY_BE_NULL).chain(samples::HANDED_TO_OWNER) {
        assert!(
            map.rows.iter().any(|it| it.coordinate == *coordinate),
            "there is no `{coordinate}`: remove its sample"
        );
    }
}
