//! `kill -9`, again and again.

use std::time::{Duration, Instant};

use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::json;

use super::{
    client::{Client, Outcome},
    people::Knowledge,
    verify,
    workload::{ADMINISTRATORS, Cycle, LOGIN, ME, SET_ROLES, text},
};
use crate::{
    actor::PASSWORD,
    command_line::program::{Program, Serving, each},
};

/// How many cycles a database lives in the long form.
const CYCLES: usize = 25;
/// The acknowledgments before the kill differ from cycle to cycle, so that it meets every change at every point.
const ACKNOWLEDGMENTS: (usize, usize, usize) = (5, 29, 90);

const CREATE_ROLE: &str = "mutation ($input: CreateRoleInput!) { it: createRole(input: $input) { role { id } } }";

/// A database, and what is known of it.
struct Life {
    program: Program,
    /// The end of the audit trail when it was last verified, as `audit verify --expect` takes it.
    trail: Option<String>,
}

impl Life {
    async fn begin(program: Program) -> Self {
        let program = program.set("FIELDGUARD_SESSION_REFRESH_GRACE", "0s");
        for name in ADMINISTRATORS {
            program.run_with(&["admin", "create", name, "--password-stdin"], PASSWORD).ok();
        }
        let server = program.serve();
        let ada = server.anonymous().login(ADMINISTRATORS[0]).await;
        let role = json!({ "name": "helper", "description": "", "permissions": [] });
        ada.gql_with(CREATE_ROLE, json!({ "input": role })).await.ok();
        server.kill();
        Self { program, trail: None }
    }

    /// Starts the server, holds it against `before`, has everyone work, and kills it. Gives what is known afterwards, and
    /// how long the server took from its start to its first answer.
    async fn cycle(&mut self, number: usize, before: Option<Knowledge>) -> (Knowledge, Duration) {
        let (server, took) = self.start().await;
        let client = Client::new(server.url("/graphql"));
        let administrators = administrators(&client, before.as_ref()).await;
        if let Some(before) = before {
            verify::everything(&client, &administrators[0].0, &before).await;
        }
        self.check_database().await;
        self.check_trail();
        let (least, step, range) = ACKNOWLEDGMENTS;
        let cycle = Cycle::new(number, client, administrators);
        (cycle.run(least + number * step % range, || server.kill()).await, took)
    }

    async fn start(&self) -> (Serving, Duration) {
        let begun = Instant::now();
        let server = self.program.serve();
        server.anonymous().gql("{ serverInfo { version } }").await.ok();
        (server, begun.elapsed())
    }

    /// No page of the file is damaged. PostgreSQL was not killed.
    async fn check_database(&self) {
        let url = self.program.database_url();
        if url.starts_with("sqlite") {
            let connection = Connection::connect(url).await.unwrap();
            let check = Statement::from_string(connection.get_database_backend(), "PRAGMA integrity_check");
            let row = connection.query_one_raw(check).await.unwrap().unwrap();
            assert_eq!(row.try_get::<String>("", "integrity_check").unwrap(), "ok");
            connection.close().await.unwrap();
        }
    }

    /// The audit trail is whole, and begins as it did when it was looked at before.
    fn check_trail(&mut self) {
        let mut arguments = vec!["audit", "verify"];
        if let Some(trail) = &self.trail {
            arguments.extend(["--expect", trail]);
        }
        let whole = self.program.run(&arguments).ok();
        self.trail = Some(whole.trim_end().rsplit_once("--expect ").unwrap().1.to_owned());
    }
}

/// The administrators, both with all rights: one of them at least has kept them, and gives them back to the other.
async fn administrators(client: &Client, before: Option<&Knowledge>) -> [(String, String); 2] {
    let mut signed_in = Vec::new();
    for (number, name) in ADMINISTRATORS.into_iter().enumerate() {
        let input = json!({ "input": { "username": name, "password": PASSWORD } });
        let session = client.insist(None, LOGIN, input).await.done().unwrap();
        let token = text(&session["accessToken"]);
        let me = client.insist(Some(&token), ME, json!({})).await.done().unwrap();
        let is_administrator = verify::roles(&me).contains(&"admin".to_owned());
        let known = before.is_none_or(|before| before.administrators[number].allows(is_administrator));
        assert!(known, "{name} is administrator: {is_administrator}, {before:?}");
        signed_in.push((token, text(&session["user"]["id"]), is_administrator));
    }
    let rescuer = signed_in.iter().find(|administrator| administrator.2).expect("the last administrator stays");
    for (_, id, is_administrator) in &signed_in {
        if !is_administrator {
            let input = json!({ "input": { "userId": id, "roles": ["user", "admin"] } });
            let given = client.insist(Some(&rescuer.0), SET_ROLES, input).await;
            assert!(matches!(given, Outcome::Done(_)), "{given:?}");
        }
    }
    let mut signed_in = signed_in.into_iter().map(|(token, id, _)| (token, id));
    [signed_in.next().unwrap(), signed_in.next().unwrap()]
}

/// Runs a database through `cycles`; gives how long the starts took.
async fn live(program: Program, numbers: std::ops::Range<usize>) -> Vec<Duration> {
    let (mut life, mut knowledge, mut starts) = (Life::begin(program).await, None, Vec::new());
    for number in numbers {
        let (known, took) = life.cycle(number, knowledge).await;
        knowledge = Some(known);
        starts.push(took);
    }
    // What the last kill left is looked at too.
    let (server, took) = life.start().await;
    let client = Client::new(server.url("/graphql"));
    let administrators = administrators(&client, knowledge.as_ref()).await;
    verify::everything(&client, &administrators[0].0, knowledge.as_ref().unwrap()).await;
    life.check_database().await;
    life.check_trail();
    starts.push(took);
    starts
}

#[on_each_database]
async fn acknowledged_changes_survive() {
    each(async |program| drop(live(program, 1..4).await)).await;
}

/// Prints how long the server takes from its start to its first answer. The head of `crash` has the command.
#[on_each_database]
#[ignore = "hundreds of cycles take long: FIELDGUARD_CRASH_CYCLES says how many, 2000 by default"]
async fn acknowledged_changes_survive_thousands_of_kills() {
    let cycles = super::number("FIELDGUARD_CRASH_CYCLES").unwrap_or(2_000);
    each(async |first| {
        let is_sqlite = first.database_url().starts_with("sqlite");
        let (mut next, mut starts) = (Some(first), Vec::new());
        for begin in (0..cycles).step_by(CYCLES) {
            let program = match next.take() {
                Some(program) => program,
                None if is_sqlite => Program::new(),
                None => Program::postgres().await.unwrap(),
            };
            let end = cycles.min(begin + CYCLES);
            starts.extend(live(program, begin..end).await);
            println!("{end} of {cycles} cycles lost nothing, sqlite: {is_sqlite}");
        }
        starts.sort_unstable();
        let (median, slowest) = (starts[starts.len() / 2], starts[starts.len() - 1]);
        println!("{cycles} cycles, sqlite: {is_sqlite}, start to first answer: median {median:?}, slowest {slowest:?}");
    })
    .await;
}
