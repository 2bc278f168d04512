//! `fieldguard users` and `fieldguard roles`.

use std::time::{Duration, Instant};

use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database};
use serde_json::Value;

use super::program::{Program, RunResult, each};
use crate::{
    actor::{Actor, PASSWORD},
    database::add_role,
};

const CREATE: [&str; 4] = ["admin", "create", "ada", "--password-stdin"];
const NOTE: &str = "a server is running on this database";

fn json(program: &Program, line: &str) -> Value {
    let arguments: Vec<_> = line.split(' ').chain(["--format", "json"]).collect();
    serde_json::from_str(&program.run(&arguments).ok()).unwrap()
}

fn run(program: &Program, line: &str) -> RunResult {
    program.run(&line.split(' ').collect::<Vec<_>>())
}

#[track_caller]
fn assert_fails(ended: &RunResult, why: &str) {
    assert!(ended.code == Some(1) && ended.err.contains(why) && ended.out.is_empty(), "{ended:?}");
}

/// Waits until the token is refused. This takes at most a second.
async fn wait_until_refused(actor: &Actor) {
    let began = Instant::now();
    while actor.gql("{ me { id } }").await.status != 401 {
        assert!(began.elapsed() < Duration::from_mins(2), "the token is still accepted");
    }
}

#[on_each_database]
async fn user_is_disabled_and_enabled_beside_a_running_server() {
    each(async |program| {
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        bob.gql("{ me { id } }").await.ok();
        let is_noted = program.database().starts_with("sqlite");

        let ended = run(&program, "users disable ＢＯＢ");
        assert_eq!((ended.code, ended.out.as_str()), (Some(0), "bob is disabled; sessions revoked: 1.\n"), "{ended:?}");
        assert_eq!(ended.err.contains(NOTE), is_noted, "{ended:?}");
        wait_until_refused(&bob).await;
        let login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
        let input = serde_json::json!({ "input": { "username": "bob", "password": PASSWORD } });
        let refused = server.anonymous().gql_with(login, input).await;
        assert_eq!(refused.codes(), ["INVALID_CREDENTIALS"]);
        let shown = json(&program, "users show bob");
        assert_eq!((&shown["disabled"], &shown["sessions"]), (&true.into(), &0.into()));
        assert!(shown["disabledAt"].is_string());

        let enabled = json(&program, &format!("users enable {}", bob.id));
        assert_eq!(enabled["user"]["disabled"], false);
        assert_eq!(enabled["sessionsAffected"], 0);
        assert!(enabled["effectiveAt"].is_string());
        // The failed sign-in above delays the next one.
        let began = Instant::now();
        while !server
            .anonymous()
            .gql_with(login, serde_json::json!({ "input": { "username": "bob", "password": PASSWORD } }))
            .await
            .codes()
            .is_empty()
        {
            assert!(began.elapsed() < Duration::from_mins(2), "`bob` can't sign in");
        }
        wait_until_refused(&bob).await;
        server.kill();
        let alone = run(&program, "users disable bob");
        assert!(!alone.err.contains(NOTE), "no server runs: {alone:?}");
    })
    .await;
}

#[on_each_database]
async fn roles_are_changed_and_the_last_administrator_is_kept() {
    each(async |program| {
        program.run_with(&CREATE, PASSWORD).ok();
        add_role(program.database(), "support", "Helps people.", &["users:read", "sessions:revoke"]).await;
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        assert_eq!(bob.gql("{ user(id: \"x\") { id } }").await.codes(), ["FORBIDDEN"]);

        let given = json(&program, "users roles bob --give support --take user");
        assert_eq!(given["user"]["roles"], serde_json::json!(["support"]));
        assert_eq!(given["sessionsAffected"], 1);
        let began = Instant::now();
        while !bob.gql("{ user(id: \"x\") { id } }").await.codes().is_empty() {
            assert!(began.elapsed() < Duration::from_mins(2), "the new role has no effect");
        }
        assert_eq!(run(&program, "users roles bob").ok().lines().nth(1).unwrap().split("  ").next(), Some("support"));
        assert_eq!(
            json(&program, "users roles bob")[0]["permissions"],
            serde_json::json!(["sessions:revoke", "users:read"])
        );

        assert_fails(&run(&program, "users roles bob --give user --give ghost"), "There is no role `ghost`");
        assert_fails(&run(&program, "users roles bob --take admin"), "doesn't have the role `admin`");
        assert_fails(&run(&program, "users roles bob --give Not-A-Role"), "lower-case");
        assert_eq!(json(&program, "users show bob")["roles"], serde_json::json!(["support"]), "all or nothing");

        assert_fails(&run(&program, "users disable ada"), "this is the last enabled administrator");
        assert_fails(&run(&program, "users roles ada --take admin"), "this is the last enabled administrator");
        run(&program, "users roles bob --give admin").ok();
        assert_eq!(run(&program, "users disable ada").ok(), "ada is disabled; sessions revoked: 0.\n");
        assert_fails(&run(&program, "users roles bob --take admin"), "this is the last enabled administrator");
    })
    .await;
}

#[on_each_database]
async fn users_are_listed_and_shown_as_text_and_json() {
    each(async |program| {
        program.run_with(&["admin", "create", "ada", "--email", "ada@example.org", "--password-stdin"], PASSWORD).ok();
        let server = program.serve();
        for name in ["bob", "Zoë"] {
            server.anonymous().register(name).await;
        }
        run(&program, "users disable bob").ok();
        let table = run(&program, "users list").ok();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 4, "{table}");
        let at = lines[0].find("username").unwrap();
        assert!(lines[0].starts_with("id ") && lines.iter().all(|line| line.is_char_boundary(at)), "{table}");
        let names: Vec<_> = lines[1..].iter().map(|line| &line[at..]).collect();
        assert_eq!(names, ["ada", "bob", "Zoë"]);
        assert!(lines[2].contains("  disabled  "), "{table}");

        let all = json(&program, "users list");
        assert_eq!(all.as_array().unwrap().len(), 3);
        let keys: Vec<_> = all[0].as_object().unwrap().keys().map(String::as_str).collect();
        let expected = "createdAt deletionScheduledAt disabled disabledAt email id lastSignInAt roles username";
        assert_eq!(keys.join(" "), expected);
        assert_eq!(all[0]["roles"], serde_json::json!(["admin", "user"]));
        let listed = |line: &str| -> Vec<String> {
            let list = json(&program, line);
            list.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(listed("users list --role admin"), ["ada"]);
        assert_eq!(listed("users list --state disabled"), ["bob"]);
        assert_eq!(listed("users list --state active --role user"), ["ada", "Zoë"]);
        assert_eq!(listed("users list --state disabled --role admin"), <[&str; 0]>::default());

        let shown = run(&program, "users show ada").ok();
        assert!(shown.contains("email         ada@example.org\nstate         active\n"), "{shown}");
        assert!(shown.contains("permissions   audit:read roles:"), "{shown}");
        let by_id = run(&program, &format!("users show {}", all[0]["id"].as_str().unwrap())).ok();
        assert_eq!(by_id, shown);

        assert_fails(&run(&program, "users show nobody\u{1b}[2J"), "there is no account `nobody\\u{1b}[2J`");
        assert_fails(&run(&program, "users list --role ghost"), "there is no role `ghost`");
        for wrong in ["users", "users list --state gone", "users show", "users disable", "users list --format xml"] {
            assert_eq!(run(&program, wrong).code, Some(2), "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn long_list_is_complete() {
    let program = Program::new();
    run(&program, "migrate").ok();
    let connection = Database::connect(program.database()).await.unwrap();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) \
                INSERT INTO accounts (id, username, username_key, password_hash, created_at, updated_at) \
                SELECT randomblob(16), 'user' || i, 'user' || i, '', 0, 0 FROM n";
    connection.execute_unprepared(many).await.unwrap();
    connection.close().await.unwrap();
    assert_eq!(run(&program, "users list").ok().lines().count(), 251);
    let all = json(&program, "users list");
    let ids: std::collections::BTreeSet<_> =
        all.as_array().unwrap().iter().map(|user| user["id"].to_string()).collect();
    assert_eq!(ids.len(), 250);
}

#[on_each_database]
async fn roles_are_listed_and_shown_with_control_characters_escaped() {
    each(async |program| {
        run(&program, "migrate").ok();
        let text = "Looks\u{1b}]0;like\u{7} a\u{202e}nother\nrole";
        add_role(program.database(), "support", text, &["users:read", "gone:read"]).await;
        let table = run(&program, "roles list").ok();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 4, "{table:?}");
        assert!(!table.contains(|c: char| c != '\n' && c.is_control() || c == '\u{202e}'), "{table:?}");
        assert!(lines[0].starts_with("name     description"), "{table}");
        assert!(
            lines[2].starts_with("support  Looks\\u{1b}")
                && lines[2].ends_with("  users:read gone:read (not known to this program)"),
            "{table}"
        );

        let all = json(&program, "roles list");
        let keys: Vec<_> = all[1].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "description",
                "id",
                "includes",
                "isProtected",
                "name",
                "ownPermissions",
                "permissions",
                "unknownPermissions"
            ]
        );
        assert_eq!((&all[1]["includes"], &all[1]["isProtected"]), (&serde_json::json!([]), &false.into()));
        assert_eq!(all[1]["ownPermissions"], serde_json::json!(["gone:read", "users:read"]));
        assert_eq!((&all[1]["name"], &all[1]["description"]), (&"support".into(), &text.into()));
        assert_eq!(json(&program, "roles show support"), all[1]);
        let shown = run(&program, "roles show admin").ok();
        assert!(shown.contains("permits      audit:read  Read the audit log.\n"), "{shown}");
        assert_fails(&run(&program, "roles show ghost"), "there is no role `ghost`");
    })
    .await;
}

#[on_each_database]
async fn unknown_permissions_are_shown() {
    each(async |program| {
        program.run_with(&CREATE, PASSWORD).ok();
        let database = Database::connect(program.database_url()).await.unwrap();
        let sql = "INSERT INTO role_permissions (role_id, permission) SELECT id, 'patients:read' FROM roles WHERE name = 'user'";
        database.execute_unprepared(sql).await.unwrap();
        database.close().await.unwrap();
        let server = program.serve();
        server.anonymous().register("bob").await;
        let shown = "patients:read (not known to this program)";
        for line in ["roles show user", "roles list", "users show bob", "users roles bob", "access --role user", "access"] {
            let out = run(&program, line).ok();
            assert!(out.contains(shown), "{line}: {out}");
        }
        for line in ["roles show user", "users show bob"] {
            assert_eq!(json(&program, line)["unknownPermissions"], serde_json::json!(["patients:read"]), "{line}");
        }
        let table = json(&program, "access");
        let line = table.as_array().unwrap().iter().find(|row| row["coordinate"] == shown).unwrap();
        let held = serde_json::json!({ "anonymous": "DENIED", "admin": "ALLOWED", "user": "ALLOWED" });
        assert_eq!(line["access"], held);
        assert!(!run(&program, "access --role anonymous").ok().contains("patients:read"));
    })
    .await;
}

#[on_each_database]
async fn users_of_a_file_are_imported_and_refused_rows_reported() {
    each(async |program| {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).display().to_string();
        let hash = "$2b$04$abcdefghijklmnopqrstuuoz7c6Ms7VDN7XOQ23dlY9HzXWZjhQ96";
        let rows = format!(
            "{{\"username\":\"zoe\",\"email\":\"zoe@example.org\",\"passwordHash\":\"{hash}\",\"roles\":[\"user\",\"admin\"]}}\n\n\
             {{\"username\":\"x\"}}\nnonsense\n{{\"username\":\"ZOE\"}}\n{{\"username\":\"eve\",\"passwordHash\":\"{PASSWORD}\"}}\n\
             {{\"username\":\"tim\",\"role\":\"user\"}}\n{{\"username\":\"pia\"}}\n"
        );
        std::fs::write(path("users.jsonl"), rows).unwrap();
        run(&program, "migrate").ok();
        let dry = run(&program, &format!("users import {} --dry-run", path("users.jsonl")));
        assert_eq!(dry.code, Some(1), "{dry:?}");
        assert!(dry.out.starts_with("imported: 2, skipped: 0, refused: 5 (dry run"), "{dry:?}");
        assert_eq!(json(&program, "users list").as_array().map(Vec::len), Some(0));
        for line in ["line 3: username", "line 4: ", "line 5: username", "line 6: passwordHash", "line 7: role"] {
            assert!(dry.err.contains(line), "{line}: {dry:?}");
        }
        assert!(!dry.err.contains(PASSWORD) && !dry.err.contains(hash), "{dry:?}");
        run(&program, &format!("users import {}", path("users.jsonl")));
        assert_eq!(json(&program, "users show zoe")["roles"], serde_json::json!(["admin", "user"]));
        let again = run(&program, &format!("users import {} --on-conflict skip --report {}", path("users.jsonl"), path("report")));
        assert!(again.out.starts_with("imported: 0, skipped: 2, refused: 5"), "{again:?}");
        assert_eq!(std::fs::read_to_string(path("report")).unwrap().lines().count(), 7);

        std::fs::write(path("users.csv"), "username,roles,disabled,email\nkim,user admin,true,\nlea,,,lea@example.org\n").unwrap();
        assert_eq!(run(&program, &format!("users import {}", path("users.csv"))).ok(), "imported: 2, skipped: 0, refused: 0\n");
        assert_eq!(json(&program, "users show kim")["disabled"], true);
    })
    .await;
}
