//! Which database the program uses, what becomes of one whose files go away, and what an operator is told.

use std::fs;

use serde_json::Value;

use super::program::{Program, Serving};
use crate::actor::PASSWORD;

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

async fn readiness(server: &Serving) -> (u16, String) {
    let answer = reqwest::get(format!("http://{}/readyz", server.address)).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Waits for that status. The server looks several times a second, and an answer is remembered for less.
async fn becomes(server: &Serving, status: u16) -> String {
    loop {
        let (found, body) = readiness(server).await;
        if found == status {
            return body;
        }
        tokio::task::yield_now().await;
    }
}

async fn register(server: &Serving, name: &str) -> Vec<String> {
    let document = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let input: Value = serde_json::json!({ "input": { "username": name, "password": PASSWORD } });
    let answer = server.anonymous().gql_with(document, input).await;
    answer.codes().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_database_whose_files_are_moved_away_is_not_written_to() {
    let program = Program::new();
    let server = program.serve();
    assert_eq!(register(&server, "ada").await, Vec::<String>::new());
    let (data, away) = (program.directory().join("data"), program.directory().join("away"));
    fs::rename(&data, &away).unwrap();
    assert_eq!(register(&server, "bob").await, ["SERVICE_UNAVAILABLE"]);
    becomes(&server, 503).await;
    // Another database in its place is none of the server's.
    program.run(&["migrate"]).ok();
    assert_eq!(register(&server, "bob").await, ["SERVICE_UNAVAILABLE"]);
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&away, &data).unwrap();
    becomes(&server, 200).await;
    assert_eq!(register(&server, "bob").await, Vec::<String>::new());
    let users = program.run(&["users", "list"]).ok();
    assert!(users.contains("ada") && users.contains("bob"), "{users}");
}

#[tokio::test]
async fn a_second_server_is_refused_and_names_the_first() {
    let program = Program::new();
    let server = program.serve();
    let refused = program.run(&SERVE);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let file = program.directory().join("data/fieldguard.db");
    let expected =
        format!("fieldguard: another server (process {}) uses {}; stop it first\n", server.id(), file.display());
    assert_eq!(refused.err, expected);
    program.run(&["users", "list"]).ok();
}

#[test]
fn only_some_commands_create_a_database() {
    let program = Program::new();
    for command in [
        &["users", "list"][..],
        &["roles", "list"],
        &["keys", "list"],
        &["audit", "verify"],
        &["admin", "list"],
        &["issuer", "show"],
        &["backup", "x.backup"],
    ] {
        let refused = program.run(command);
        let file = program.directory().join("data/fieldguard.db");
        let reason = format!("cannot open {}: there is no database; run `fieldguard serve`", file.display());
        assert!(refused.code == Some(1) && refused.err.contains(&reason), "{command:?}: {refused:?}");
        assert!(!program.directory().join("data").exists(), "{command:?} created something");
    }
    program.run(&["migrate"]).ok();
    program.run(&["users", "list"]).ok();
}

#[test]
fn a_data_directory_may_have_any_name() {
    for name in ["q?mark", "q%3Fmark", "50%", "a#b c", "é", "file:x", ":memory:"] {
        let program = Program::new().set("FIELDGUARD_DATA_DIR", name);
        program.run(&["migrate"]).ok();
        let file = program.directory().join(name).join("fieldguard.db");
        assert!(file.exists(), "{name}");
        let shown = program.run(&["config", "show"]).ok();
        assert!(shown.contains(&format!("# The database in use is {}\n", file.display())), "{shown}");
        let found: Vec<_> =
            fs::read_dir(program.directory()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(found, [name], "nothing lies beside it");
    }
}

#[test]
fn failures_to_open_name_the_database_and_the_cause() {
    let in_the_way = Program::new().set("FIELDGUARD_DATA_DIR", "file");
    fs::write(in_the_way.directory().join("file"), "").unwrap();
    let no_database = Program::new().set("FIELDGUARD_DATABASE_URL", "sqlite:none.db");
    fs::write(no_database.directory().join("none.db"), "something else, longer than a header of SQLite would be")
        .unwrap();
    let away = Program::new().set("FIELDGUARD_DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/fg");
    let path = |program: &Program, name: &str| program.directory().join(name).display().to_string();
    for (program, reason) in [
        (&in_the_way, format!("cannot open {}: not a directory", path(&in_the_way, "file/fieldguard.db"))),
        (&no_database, format!("cannot open {}: file is not a database", path(&no_database, "none.db"))),
        (&away, "cannot open the PostgreSQL database `fg`: connection refused at 127.0.0.1:1".to_owned()),
    ] {
        for command in [&SERVE[..], &["migrate"]] {
            let refused = program.run(command);
            assert!(refused.code == Some(1) && refused.err.contains(&reason), "{reason}: {refused:?}");
            assert!(!refused.all().contains("hunter2"), "{refused:?}");
        }
    }
}
