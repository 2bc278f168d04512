//! `fieldguard keys`, and how a running server learns of a rotation: by SIGHUP, by a restart, or from the database.

#![cfg(target_os = "linux")]

mod replicas;
mod settings;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use fieldguard::auth::keys::{Algorithm, Key, generate_es256};
use fieldguard_test_macros::on_each_database;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::program::{Program, RunningServer, each};
use crate::{actor::Actor, tokens::parts};

const ME: &str = "{ me { username } }";

fn hang_up(server: &RunningServer) {
    kill_process(Pid::from_raw(server.id().try_into().unwrap()).unwrap(), Signal::HUP).unwrap();
}

/// The `kid` of every published key, the signing key first.
async fn published(server: &RunningServer) -> Vec<String> {
    let jwks: Value = reqwest::get(server.url("/.well-known/jwks.json")).await.unwrap().json().await.unwrap();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the server publishes these keys.
async fn wait_until_published(server: &RunningServer, kids: &[&str]) {
    wait(server, async || published(server).await == kids).await;
}

/// Waits until the server has logged this text more than `before` times.
async fn wait_until_logged(server: &RunningServer, text: &str, before: usize) {
    wait(server, async || server.log().matches(text).count() > before).await;
}

async fn wait(server: &RunningServer, done: impl AsyncFn() -> bool) {
    let began = std::time::Instant::now();
    while !done().await {
        assert!(began.elapsed().as_secs() < 120, "timed out: {}", server.log());
        tokio::task::yield_now().await;
    }
}

fn list(program: &Program) -> Vec<Value> {
    serde_json::from_str(&program.run(&["keys", "list", "--format", "json"]).ok()).unwrap()
}

fn states(program: &Program) -> Vec<(String, String)> {
    let text = |key: &Value, name| key[name].as_str().unwrap().to_owned();
    list(program).iter().map(|key| (text(key, "kid"), text(key, "state"))).collect()
}

/// Rotates the key. Returns the `kid` of the new signing key.
fn rotate(program: &Program) -> String {
    let out = program.run(&["keys", "rotate", "--now"]).ok();
    out.lines().next().unwrap().strip_suffix(" signs from now on.").unwrap().to_owned()
}

fn kid(actor: &Actor) -> String {
    parts(actor.token.as_deref().unwrap()).0["kid"].as_str().unwrap().to_owned()
}

fn write_key(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[on_each_database]
async fn rotated_key_signs_and_the_old_key_verifies_after_signals_and_restarts() {
    each(async |program| {
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        let old = kid(&bob);
        assert_eq!(states(&program), [(old.clone(), "signing".to_owned())]);

        let new = rotate(&program);
        assert_eq!(states(&program), [(new.clone(), "signing".to_owned()), (old.clone(), "verifying".to_owned())]);
        hang_up(&server);
        wait_until_published(&server, &[&new, &old]).await;
        bob.gql(ME).await.ok();
        let later = server.anonymous().login("bob").await;
        assert_eq!(kid(&later), new);
        server.kill();

        let server = program.serve();
        assert_eq!(published(&server).await, [new.clone(), old.clone()]);
        for actor in [&bob, &later] {
            server.anonymous().bearing(actor.token.as_deref().unwrap()).gql(ME).await.ok();
        }

        let ended = program.run(&["keys", "retire", &new]);
        assert!(ended.code == Some(1) && ended.err.contains("that key signs"), "{ended:?}");
        assert_eq!(program.run(&["keys", "retire", &old]).ok(), format!("{old} is retired.\n"));
        hang_up(&server);
        wait_until_published(&server, &[&new]).await;
        let refused = server.anonymous().bearing(bob.token.as_deref().unwrap()).gql(ME).await;
        assert_eq!(refused.status, 401);
        assert_eq!(states(&program), [(new, "signing".to_owned()), (old.clone(), "retired".to_owned())]);
        for (kid, why) in
            [(old.as_str(), "already retired"), ("-x", "there is no key `-x`"), ("../x", "there is no key")]
        {
            let ended = program.run(&["keys", "retire", kid]);
            assert!(ended.code == Some(1) && ended.err.contains(why), "{ended:?}");
        }
    })
    .await;
}

#[on_each_database]
async fn server_learns_of_a_rotation_from_the_database() {
    each(async |program| {
        let server = program.serve();
        let old = published(&server).await.remove(0);
        let out = program.run(&["keys", "rotate"]).ok();
        let new = out.split(' ').next().unwrap().to_owned();
        assert!(out.contains(&format!("{old} signs until then and verifies until ")), "{out}");
        let [signing, next] = <[Value; 2]>::try_from(list(&program)).unwrap();
        assert_eq!((&signing["kid"], &signing["state"]), (&old.as_str().into(), &"signing".into()));
        assert_eq!((&next["kid"], &next["state"]), (&new.as_str().into(), &"published".into()));
        let from = next["signsFrom"].as_str().unwrap();
        assert!(out.starts_with(&format!("{new} signs from {}Z on.\n", &from[..19])), "{out}");
        let table = program.run(&["keys", "list"]).ok();
        assert!(table.contains(&format!("  published, signs from {}Z\n", &from[..19])), "{table}");
        let ended = program.run(&["keys", "retire", &old]);
        assert!(ended.code == Some(1) && ended.err.contains("that key signs until 2"), "{ended:?}");

        wait_until_published(&server, &[&old, &new]).await;
        wait_until_published(&server, &[&new, &old]).await;
        program.run(&["keys", "retire", &old]).ok();
        wait_until_published(&server, &[&new]).await;
    })
    .await;
}

#[on_each_database]
async fn keys_are_listed_as_table_and_json() {
    each(async |program| {
        program.run(&["migrate"]).ok();
        let old = list(&program)[0]["kid"].as_str().unwrap().to_owned();
        let new = rotate(&program);
        let keys = list(&program);
        let table = program.run(&["keys", "list"]).ok();
        let lines: Vec<_> = table.lines().collect();
        assert!(
            lines[0].starts_with(&new) && lines[0].contains("  ES256  ") && lines[0].ends_with("  signing"),
            "{table}"
        );
        let until = keys[1]["verifiesUntil"].as_str().unwrap();
        let shown = format!("  verifying until {}", &until[..19]);
        assert!(lines[1].starts_with(&old) && lines[1].contains(&shown), "{table}");
        assert_eq!(keys[0]["algorithm"], "ES256");
        assert!(keys.iter().all(|key| key["createdAt"].is_string()));
        assert!(!table.contains("PRIVATE"));
    })
    .await;
}

#[tokio::test]
async fn data_directory_with_an_existing_key_is_rotated() {
    let program = Program::new();
    let pem = generate_es256();
    let data = program.directory().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
    write_key(&data.join("signing-key.pem"), &pem);
    let known = Key::from_pem(Algorithm::Es256, &pem).unwrap();
    program.run(&["migrate"]).ok();
    let new = rotate(&program);
    assert_eq!(
        states(&program),
        [(new.clone(), "signing".to_owned()), (known.kid().to_owned(), "verifying".to_owned())],
        "the existing key becomes the previous key, even if no server started in between"
    );
    let server = program.serve();
    assert_eq!(published(&server).await, [new.as_str(), known.kid()]);
    assert!(!data.join("signing-key.pem").exists(), "the private half of a key that no longer signs is deleted");
    let file = fs::metadata(data.join("keys").join(format!("{new}.pem"))).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(data.join("keys")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn malformed_key_is_logged_and_the_current_keys_stay_in_use() {
    let program = Program::new();
    let server = program.serve();
    let bob = server.anonymous().register("bob").await;
    let file = program.directory().join("data/signing-key.pem");
    let pem = fs::read_to_string(&file).unwrap();
    for (text, why) in [("nonsense", "not a private key"), ("", "not a private key")] {
        let before = server.log().matches("the current keys stay in use").count();
        write_key(&file, text);
        hang_up(&server);
        wait_until_logged(&server, "the current keys stay in use", before).await;
        assert!(server.log().contains(why), "{}", server.log());
        bob.gql(ME).await.ok();
        assert_eq!(published(&server).await, [kid(&bob)]);
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
    hang_up(&server);
    wait_until_logged(&server, "chmod go-w", 0).await;
    server.anonymous().login("bob").await.gql(ME).await.ok();

    // A rotation replaces an unreadable key.
    let new = rotate(&program);
    wait_until_published(&server, &[&new, &kid(&bob)]).await;
    bob.gql(ME).await.ok();
    assert!(!server.whole_log().contains(pem.lines().nth(1).unwrap()));
}

#[tokio::test]
async fn lost_key_is_replaced_by_a_new_key_and_not_by_a_retired_one() {
    let program = Program::new();
    let first = program.serve();
    let old = published(&first).await.remove(0);
    first.kill();
    let file = program.directory().join("data/signing-key.pem");
    let pem = fs::read_to_string(&file).unwrap();
    let new = rotate(&program);
    program.run(&["keys", "retire", &old]).ok();
    fs::remove_file(program.directory().join(format!("data/keys/{new}.pem"))).unwrap();
    write_key(&file, &pem);
    let server = program.serve();
    let kids = published(&server).await;
    assert!(kids.len() == 2 && kids[1] == new && kids[0] != old, "{kids:?}");
    server.anonymous().register("bob").await.gql(ME).await.ok();
}

#[tokio::test]
async fn replaced_key_file_becomes_the_new_signing_key() {
    let program = Program::new();
    let server = program.serve();
    let bob = server.anonymous().register("bob").await;
    let pem = generate_es256();
    write_key(&program.directory().join("data/signing-key.pem"), &pem);
    hang_up(&server);
    let new = Key::from_pem(Algorithm::Es256, &pem).unwrap().kid().to_owned();
    wait_until_published(&server, &[&new, &kid(&bob)]).await;
    bob.gql(ME).await.ok();
    assert_eq!(kid(&server.anonymous().login("bob").await), new);
}
