//! Which database the program uses, and what happens if it can't be opened or its files are moved.

use std::fs;

use serde_json::Value;

use super::program::{Program, RunningServer};
use crate::actor::PASSWORD;

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

async fn readiness(server: &RunningServer) -> (u16, String) {
    let answer = reqwest::get(format!("http://{}/readyz", server.address)).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Waits for this status. The server checks its database several times a second and caches the result for less than
/// that.
async fn wait_for_status(server: &RunningServer, status: u16) -> String {
    loop {
        let (found, body) = readiness(server).await;
        if found == status {
            return body;
        }
        tokio::task::yield_now().await;
    }
}

async fn register(server: &RunningServer, name: &str) -> Vec<String> {
    let document = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let input: Value = serde_json::json!({ "input": { "username": name, "password": PASSWORD } });
    let answer = server.anonymous().gql_with(document, input).await;
    answer.codes().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn database_with_moved_files_is_not_written_to() {
    let program = Program::new();
    let server = program.serve();
    assert_eq!(register(&server, "ada").await, Vec::<String>::new());
    let (data, away) = (program.directory().join("data"), program.directory().join("away"));
    fs::rename(&data, &away).unwrap();
    assert_eq!(register(&server, "bob").await, ["SERVICE_UNAVAILABLE"]);
    wait_for_status(&server, 503).await;
    // Another database at the same path is not used.
    program.run(&["migrate"]).ok();
    assert_eq!(register(&server, "bob").await, ["SERVICE_UNAVAILABLE"]);
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&away, &data).unwrap();
    wait_for_status(&server, 200).await;
    assert_eq!(register(&server, "bob").await, Vec::<String>::new());
    let users = program.run(&["users", "list"]).ok();
    assert!(users.contains("ada") && users.contains("bob"), "{users}");
}

#[tokio::test]
async fn second_server_does_not_start_and_names_the_first() {
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
fn reading_commands_create_no_database() {
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
        assert!(!program.directory().join("data").exists(), "{command:?} created a directory");
    }
    program.run(&["migrate"]).ok();
    program.run(&["users", "list"]).ok();
}

#[test]
fn data_directory_can_have_any_name() {
    for name in ["q?mark", "q%3Fmark", "50%", "a#b c", "é", "file:x", ":memory:"] {
        let program = Program::new().set("FIELDGUARD_DATA_DIR", name);
        program.run(&["migrate"]).ok();
        let file = program.directory().join(name).join("fieldguard.db");
        assert!(file.exists(), "{name}");
        let shown = program.run(&["config", "show"]).ok();
        assert!(shown.contains(&format!("# The database in use is {}\n", file.display())), "{shown}");
        let found: Vec<_> =
            fs::read_dir(program.directory()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(found, [name], "no other file is created");
    }
}

#[test]
fn open_errors_name_the_database_and_the_cause() {
    let not_a_directory = Program::new().set("FIELDGUARD_DATA_DIR", "file");
    fs::write(not_a_directory.directory().join("file"), "").unwrap();
    let not_a_database = Program::new().set("FIELDGUARD_DATABASE_URL", "sqlite:none.db");
    fs::write(not_a_database.directory().join("none.db"), "something else, longer than a header of SQLite would be")
        .unwrap();
    let unreachable = Program::new().set("FIELDGUARD_DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/fg");
    let path = |program: &Program, name: &str| program.directory().join(name).display().to_string();
    for (program, reason) in [
        (&not_a_directory, format!("cannot open {}: not a directory", path(&not_a_directory, "file/fieldguard.db"))),
        (&not_a_database, format!("cannot open {}: file is not a database", path(&not_a_database, "none.db"))),
        (&unreachable, "cannot open the PostgreSQL database `fg`: connection refused at 127.0.0.1:1".to_owned()),
    ] {
        for command in [&SERVE[..], &["migrate"]] {
            let refused = program.run(command);
            assert!(refused.code == Some(1) && refused.err.contains(&reason), "{reason}: {refused:?}");
            assert!(!refused.all().contains("hunter2"), "{refused:?}");
        }
    }
}
