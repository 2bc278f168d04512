//! `fieldguard admin`: creates administrators and resets their passwords.

use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::program::{Program, each};
use crate::actor::PASSWORD;

const CREATE: [&str; 4] = ["admin", "create", "ada", "--password-stdin"];

#[on_each_database]
async fn created_administrator_can_sign_in() {
    each(async |program| {
        let output = program.run_with(&CREATE, &format!("{PASSWORD}\n")).ok();
        let (line, database) = output.split_once('\n').unwrap();
        assert_eq!(line, "ada is an administrator.");
        let file = program.directory().join("data/fieldguard.db");
        let label = if file.exists() { file.display().to_string() } else { program.database_url().to_owned() };
        assert_eq!(database, format!("The database is {label}\n"));
        let server = program.serve();
        let ada = server.anonymous().login("ada").await;
        assert_eq!(ada.gql("{ admin { message } }").await.ok().at("/data/admin/message"), "Welcome, Admin!");
    })
    .await;
}

#[on_each_database]
async fn administrator_is_created_beside_a_running_server() {
    each(async |program| {
        let server = program.serve();
        program.run_with(&CREATE, PASSWORD).ok();
        let ada = server.anonymous().login("ada").await;
        ada.gql("{ admin { message } }").await.ok();
    })
    .await;
}

#[test]
fn administrators_are_listed_as_table_and_json() {
    let program = Program::new();
    program.run(&["migrate"]).ok();
    assert_eq!(program.run(&["admin", "list"]).ok(), "");
    program.run_with(&CREATE, PASSWORD).ok();
    program.run_with(&["admin", "create", "Zoë", "--email", "zoe@example.org", "--password-stdin"], PASSWORD).ok();

    let table = program.run(&["admin", "list"]).ok();
    assert_eq!(table.lines().count(), 2);
    assert!(table.lines().all(|line| line.contains("  active    ")), "{table}");
    let json: Value = serde_json::from_str(&program.run(&["admin", "list", "--format", "json"]).ok()).unwrap();
    assert_eq!(json[1]["username"], "Zoë");
    assert_eq!(json[1]["email"], "zoe@example.org");
    assert_eq!(json[0]["disabled"], false);
    assert!(table.contains(json[0]["id"].as_str().unwrap()));
}

#[test]
fn taken_names_and_weak_passwords_are_refused() {
    let program = Program::new();
    program.run_with(&CREATE, PASSWORD).ok();
    for (name, password, word) in [
        ("ada", PASSWORD, "taken"),
        ("ＡＤＡ", PASSWORD, "taken"),
        ("bob", "hunter2", "12 characters"),
        ("bob", "passwordpassword", "guess"),
        ("bob", "", "empty"),
        ("b", PASSWORD, "3"),
    ] {
        let ended = program.run_with(&["admin", "create", name, "--password-stdin"], &format!("{password}\n"));
        assert_eq!(ended.code, Some(1), "{name} {ended:?}");
        assert!(ended.err.contains(word), "{ended:?}");
        assert!(password.is_empty() || !ended.all().contains(password), "{ended:?}");
    }
    let ended = program.run(&["admin", "create", "bob"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("--password-stdin"), "{ended:?}");
    assert_eq!(program.run(&["admin", "list"]).ok().lines().count(), 1, "no administrator was created");
}

#[on_each_database]
async fn admin_reset_prints_a_code_that_sets_the_password() {
    each(async |program| {
        program.run_with(&CREATE, "a password that was forgotten\n").ok();
        let server = program.serve();
        let printed = program.run(&["admin", "reset", "ＡＤＡ"]).ok();
        assert!(printed.contains("the password of ada once, until "), "{printed}");
        let code = printed.lines().next().unwrap();
        let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { username } } }";
        let input = serde_json::json!({ "input": { "code": code, "newPassword": PASSWORD } });
        server.anonymous().gql_with(document, input).await.ok();
        server.anonymous().login("ada").await.gql("{ admin { message } }").await.ok();
        let log = server.whole_log();
        assert!(log.contains("password reset") && !log.contains(&code[6..]), "{log}");
        let ended = program.run(&["admin", "reset", "nobody"]);
        assert_eq!((ended.code, ended.err.contains("name")), (Some(1), true), "{ended:?}");
    })
    .await;
}

const SET: [&str; 4] = ["admin", "set-password", "ＡＤＡ", "--password-stdin"];

#[on_each_database]
async fn set_password_sets_the_password_and_voids_the_reset_code() {
    each(async |program| {
        program.run_with(&CREATE, "a password that was forgotten\n").ok();
        let server = program.serve();
        let code = program.run(&["admin", "reset", "ada"]).ok().lines().next().unwrap().to_owned();
        for (weak, word) in [("hunter2", "12 characters"), ("passwordpassword", "guess"), ("", "empty")] {
            let ended = program.run_with(&SET, &format!("{weak}\n"));
            assert!(ended.code == Some(1) && ended.err.contains(word), "{ended:?}");
        }
        let output = program.run_with(&SET, &format!("{PASSWORD}\n")).ok();
        assert_eq!(output, "The password of ada is set.\n");
        let ada = server.anonymous().login("ada").await;
        ada.gql("{ admin { message } }").await.ok();
        let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { username } } }";
        let input = serde_json::json!({ "input": { "code": code, "newPassword": "another long walk by the sea" } });
        let refused = ada.signed_out().gql_with(document, input).await;
        assert_eq!(refused.codes(), ["INVALID_CREDENTIALS"], "setting the password voids the reset code");
        let events = ada.gql("{ me { securityEvents(first: 3) { edges { node { action } } } } }").await.ok();
        assert!(events.text.contains(r#""PASSWORD_RESET""#), "{}", events.text);
        let log = program.run(&["audit", "tail", "--format", "json"]).ok();
        assert!(log.contains("password-reset") && !log.contains(PASSWORD), "{log}");

        let output = program.run_with(&SET, "another long walk by the sea\n").ok();
        assert_eq!(output, "The password of ada is set. 1 session was revoked.\n");
        // A running server learns of the revocation within a second.
        while ada.gql("{ me { id } }").await.status == 200 {
            tokio::task::yield_now().await;
        }
        let ended = program.run_with(&["admin", "set-password", "nobody", "--password-stdin"], PASSWORD);
        assert_eq!((ended.code, ended.err.contains("name")), (Some(1), true), "{ended:?}");
    })
    .await;
}
