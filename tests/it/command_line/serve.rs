//! `fieldguard serve`: what it prints, and its HTTP endpoints besides GraphQL.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::program::{Program, each};
use crate::actor::PASSWORD;

#[on_each_database]
async fn serve_prints_its_address_and_how_to_create_an_administrator() {
    each(async |program| {
        let server = program.serve();
        let (head, database) = server.first.split_once(" · database ").unwrap();
        assert_eq!(head, format!("→ listening on http://{}/graphql", server.address));
        let on_sqlite = program.directory().join("data/fieldguard.db").exists();
        assert!(
            if on_sqlite {
                database == program.directory().join("data/fieldguard.db").display().to_string()
            } else {
                database.starts_with("postgres://")
            },
            "{database}"
        );
        assert_eq!(server.line(), format!("→ playground http://{}/", server.address));
        let line = server.line();
        let (words, command) = line.split_once(": ").unwrap();
        assert_eq!(words, "→ no administrator yet; create one, here called ada");
        let (command, place) = command.split_once(" (").unwrap_or((command, ""));
        assert_eq!(place, if on_sqlite { "" } else { "with the same FIELDGUARD_DATABASE_URL as the server)" });
        run_in_shell(&program, command);
        server.anonymous().login("ada").await.gql("{ admin { message } }").await.ok();
    })
    .await;
}

/// Runs the command in a shell in another directory, with the program's environment variables.
fn run_in_shell(program: &Program, command: &str) {
    let elsewhere = tempfile::tempdir().unwrap();
    let first = program.command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{command} --password-stdin")]).current_dir(elsewhere.path()).stdin(Stdio::piped());
    shell.envs(first.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = shell.spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{command}");
}

#[tokio::test]
async fn configured_administrator_is_created_once() {
    let program = Program::new().set("FIELDGUARD_ADMIN_USERNAME", "ada").set("FIELDGUARD_ADMIN_PASSWORD", PASSWORD);
    for _ in 0..2 {
        let server = program.serve();
        server.anonymous().login("ada").await.gql("{ admin { message } }").await.ok();
        assert!(!server.log().contains(PASSWORD));
    }
}

#[tokio::test]
async fn serve_answers_health_keys_and_playground() {
    let server = Program::new().serve();
    let get = async |path| {
        let response = reqwest::get(server.url(path)).await.unwrap().error_for_status().unwrap();
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(response.headers().contains_key("x-request-id"), "{path}");
        response.text().await.unwrap()
    };
    assert_eq!(get("/healthz").await, "alive\n");
    assert_eq!(get("/readyz").await, "ready\n");
    let keys: Value = serde_json::from_str(&get("/.well-known/jwks.json").await).unwrap();
    assert_eq!(keys["keys"][0]["alg"], "ES256");
    assert_eq!(keys["keys"][0].get("d"), None, "the private half is not published");
    assert!(get("/").await.contains("Fieldguard"));
    assert_eq!(reqwest::get(server.url("/absent")).await.unwrap().status(), 404);
}

#[cfg(unix)]
#[test]
fn database_and_key_are_readable_by_the_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = Program::new();
    program.serve();
    for (file, mode) in [("data", 0o700), ("data/fieldguard.db", 0o600), ("data/signing-key.pem", 0o600)] {
        let metadata = std::fs::metadata(program.directory().join(file)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{file}");
    }
}
