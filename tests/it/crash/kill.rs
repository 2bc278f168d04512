//! Kills the server with `kill -9` in many cycles.

use std::time::{Duration, Instant};

use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::json;

use super::{
    client::{Client, Outcome},
    knowledge::Knowledge,
    verify,
    workload::{ADMINISTRATORS, Cycle, LOGIN, ME, SET_ROLES, text},
};
use crate::{
    actor::PASSWORD,
    command_line::program::{Program, RunningServer, each},
};

/// The number of cycles with one database in the long form.
const CYCLES: usize = 25;
/// The number of acknowledgments before the kill varies, so that kills hit every change at every point.
const ACKNOWLEDGMENTS: (usize, usize, usize) = (5, 29, 90);

const CREATE_ROLE: &str = "mutation ($input: CreateRoleInput!) { it: createRole(input: $input) { role { id } } }";

/// A program with its database.
struct Deployment {
    program: Program,
    /// The head of the audit log at the last verification, as `audit verify --expect` takes it.
    head: Option<String>,
}

impl Deployment {
    async fn create(program: Program) -> Self {
        let program = program.set("FIELDGUARD_SESSION_REFRESH_GRACE", "0s");
        for name in ADMINISTRATORS {
            program.run_with(&["admin", "create", name, "--password-stdin"], PASSWORD).ok();
        }
        let server = program.serve();
        let ada = server.anonymous().login(ADMINISTRATORS[0]).await;
        let role = json!({ "name": "helper", "description": "", "permissions": [] });
        ada.gql_with(CREATE_ROLE, json!({ "input": role })).await.ok();
        server.kill();
        Self { program, head: None }
    }

    /// Starts the server, compares it with `before`, runs the clients, and kills it. Returns what the clients know, and
    /// the time from the start to the first answer.
    async fn cycle(&mut self, number: usize, before: Option<Knowledge>) -> (Knowledge, Duration) {
        let (server, took) = self.start().await;
        let client = Client::new(server.url("/graphql"));
        let administrators = administrators(&client, before.as_ref()).await;
        if let Some(before) = before {
            verify::everything(&client, &administrators[0].0, &before).await;
        }
        self.check_database().await;
        self.check_audit_log();
        let (least, step, range) = ACKNOWLEDGMENTS;
        let cycle = Cycle::new(number, client, administrators);
        (cycle.run(least + number * step % range, || server.kill()).await, took)
    }

    async fn start(&self) -> (RunningServer, Duration) {
        let begun = Instant::now();
        let server = self.program.serve();
        server.anonymous().gql("{ serverInfo { version } }").await.ok();
        (server, begun.elapsed())
    }

    /// Checks the pages of an SQLite file. PostgreSQL is not killed.
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

    /// Verifies the audit log against the head of the last verification.
    fn check_audit_log(&mut self) {
        let mut arguments = vec!["audit", "verify"];
        if let Some(head) = &self.head {
            arguments.extend(["--expect", head]);
        }
        let output = self.program.run(&arguments).ok();
        self.head = Some(output.trim_end().rsplit_once("--expect ").unwrap().1.to_owned());
    }
}

/// Both administrators, with their role restored. At least one of them must have kept it.
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
    let remaining = signed_in.iter().find(|administrator| administrator.2).expect("no administrator is left");
    for (_, id, is_administrator) in &signed_in {
        if !is_administrator {
            let input = json!({ "input": { "userId": id, "roles": ["user", "admin"] } });
            let answer = client.insist(Some(&remaining.0), SET_ROLES, input).await;
            assert!(matches!(answer, Outcome::Done(_)), "{answer:?}");
        }
    }
    let mut signed_in = signed_in.into_iter().map(|(token, id, _)| (token, id));
    [signed_in.next().unwrap(), signed_in.next().unwrap()]
}

/// Runs these cycles with one database. Returns the times from each start to the first answer.
async fn run_cycles(program: Program, numbers: std::ops::Range<usize>) -> Vec<Duration> {
    let (mut deployment, mut knowledge, mut starts) = (Deployment::create(program).await, None, Vec::new());
    for number in numbers {
        let (known, took) = deployment.cycle(number, knowledge).await;
        knowledge = Some(known);
        starts.push(took);
    }
    // Check what the last kill left.
    let (server, took) = deployment.start().await;
    let client = Client::new(server.url("/graphql"));
    let administrators = administrators(&client, knowledge.as_ref()).await;
    verify::everything(&client, &administrators[0].0, knowledge.as_ref().unwrap()).await;
    deployment.check_database().await;
    deployment.check_audit_log();
    starts.push(took);
    starts
}

#[on_each_database]
async fn acknowledged_changes_survive_a_few_kills() {
    each(async |program| drop(run_cycles(program, 1..4).await)).await;
}

/// Prints the time from each start to the first answer. The module `crash` has the command.
#[on_each_database]
#[ignore = "takes long: FIELDGUARD_CRASH_CYCLES sets the number of cycles, 2000 by default"]
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
            starts.extend(run_cycles(program, begin..end).await);
            println!("{end} of {cycles} cycles without a loss, sqlite: {is_sqlite}");
        }
        starts.sort_unstable();
        let (median, slowest) = (starts[starts.len() / 2], starts[starts.len() - 1]);
        println!("{cycles} cycles, sqlite: {is_sqlite}, start to first answer: median {median:?}, slowest {slowest:?}");
    })
    .await;
}
