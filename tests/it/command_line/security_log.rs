//! Security events for monitoring.

use std::{fs, process::Command};

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::program::{Program, each};
use crate::actor::PASSWORD;

/// The events in a file with one JSON object per line.
fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"]["action"].as_str().unwrap()).collect()
}

#[on_each_database]
async fn sign_ins_refusals_and_changes_are_written_with_the_names_of_ecs() {
    each(async |program| {
        let file = program.directory().join("security.jsonl");
        let program = program.set("FIELDGUARD_LOG_SECURITY", &format!("file:{}", file.display()));
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        let wrong = "mutation { login(input: { username: \"bob\", password: \"a wrong one\" }) { accessToken } }";
        assert_eq!(server.anonymous().gql(wrong).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(bob.gql("{ users(first: 1) { totalCount } }").await.codes(), ["FORBIDDEN"]);
        let refused = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id);
        assert_eq!(bob.gql(&refused).await.codes(), ["FORBIDDEN"]);
        let before = json!({ "query": refused });
        let reject =
            |request: reqwest::RequestBuilder| request.header("x-fieldguard-on-denied", "reject").json(&before);
        assert_eq!(bob.request(reject).await.codes(), ["FORBIDDEN"]);
        let log = server.whole_log();

        let text = fs::read_to_string(&file).unwrap();
        let events = events(&text);
        let expected = [
            "key-rotated",
            "user-registered",
            "sign-in",
            "sign-in-failed",
            "field-denied",
            "mutation-refused",
            "mutation-refused",
        ];
        assert_eq!(actions(&events), expected, "{text}");
        let [_, _, sign_in, failed, denied, refused, _] = &events[..] else { panic!("{text}") };
        assert_eq!(
            (&sign_in["event"]["category"][0], &sign_in["event"]["outcome"]),
            (&"authentication".into(), &"success".into())
        );
        assert_eq!(
            (&failed["event"]["outcome"], &failed["user"]["target"]["id"]),
            (&"failure".into(), &bob.id.as_str().into())
        );
        assert_eq!(failed["user"]["id"], Value::Null, "the caller is not signed in");
        assert_eq!(denied["fieldguard"]["coordinates"][0], "Query.users");
        for event in [denied, refused] {
            assert_eq!((&event["user"]["id"], &event["event"]["type"][0]), (&bob.id.as_str().into(), &"denied".into()));
        }
        assert_eq!(events[0]["fieldguard"]["actor"], "server");
        for event in &events[1..] {
            assert_eq!(
                (&event["source"]["ip"], &event["service"]["name"]),
                (&"127.0.0.1".into(), &"fieldguard".into())
            );
            assert_eq!(event["http"]["request"]["id"].as_str().map(str::len), Some(32));
        }
        for secret in [PASSWORD, "a wrong one", "bob@", "\"bob\"", "argon2"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(!log.contains("fieldguard.security"), "{log}");
    })
    .await;
}

#[tokio::test]
async fn the_file_is_opened_again_at_sighup() {
    let program = Program::new();
    let (file, moved) = (program.directory().join("security.jsonl"), program.directory().join("security.jsonl.1"));
    let program = program.set("FIELDGUARD_LOG_SECURITY", &format!("file:{}", file.display()));
    let server = program.serve();
    server.anonymous().register("bob").await;
    while fs::read_to_string(&file).unwrap().lines().count() < 3 {
        tokio::task::yield_now().await;
    }
    fs::rename(&file, &moved).unwrap();
    assert!(Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap().success());
    while !server.log().contains("SIGHUP") {
        tokio::task::yield_now().await;
    }
    server.anonymous().register("carol").await;
    server.whole_log();
    assert_eq!(actions(&events(&fs::read_to_string(moved).unwrap())), ["key-rotated", "user-registered", "sign-in"]);
    assert_eq!(actions(&events(&fs::read_to_string(file).unwrap())), ["user-registered", "sign-in"]);
}

#[tokio::test]
async fn commands_write_their_events_and_standard_error_can_be_the_destination() {
    let program = Program::migrated().set("FIELDGUARD_LOG_SECURITY", "stderr");
    let run = program.run_with(&["admin", "create", "ada", "--password-stdin"], &format!("{PASSWORD}\n"));
    let line = run.err.lines().find(|line| line.contains("user-created")).unwrap_or_else(|| panic!("{run:?}"));
    let event: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&event["event"]["action"], &event["fieldguard"]["actor"]),
        (&"user-created".into(), &"operator".into())
    );
}

#[test]
fn a_destination_that_cannot_be_opened_stops_the_start() {
    let run = Program::new().set("FIELDGUARD_LOG_SECURITY", "file:/nowhere/security.jsonl").run(&["serve"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.contains("log.security") && run.err.contains("No such file"), "{}", run.err);
    let run = Program::new().set("FIELDGUARD_LOG_SECURITY", "on").run(&["serve"]);
    assert!(run.code == Some(2) && run.err.contains("log.security") && run.err.contains("`stderr`"), "{run:?}");
}
