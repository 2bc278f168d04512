//! `fieldguard keys`, and a running server that is told of it: by SIGHUP, by a restart, or by the database.

#![cfg(target_os = "linux")]

mod replicas;
mod settings;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use fieldguard::auth::keys::{Algorithm, Key, generate_es256};
use fieldguard_test_macros::on_each_database;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::program::{Program, Serving, each};
use crate::{actor::Actor, tokens::parts};

const ME: &str = "{ me { username } }";

fn hang_up(server: &Serving) {
    kill_process(Pid::from_raw(server.id().try_into().unwrap()).unwrap(), Signal::HUP).unwrap();
}

/// The `kid` of every key that is published, the one that signs first.
async fn published(server: &Serving) -> Vec<String> {
    let jwks: Value = reqwest::get(server.url("/.well-known/jwks.json")).await.unwrap().json().await.unwrap();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the server publishes these.
async fn publishes(server: &Serving, kids: &[&str]) {
    wait(server, async || published(server).await == kids).await;
}

/// Waits until the server has logged this once more than `before` times.
async fn logs(server: &Serving, text: &str, before: usize) {
    wait(server, async || server.log().matches(text).count() > before).await;
}

async fn wait(server: &Serving, done: impl AsyncFn() -> bool) {
    let began = std::time::Instant::now();
    while !done().await {
        assert!(began.elapsed().as_secs() < 120, "it never came: {}", server.log());
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

/// Rotates; for the `kid` of the key that signs now.
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
async fn a_new_key_signs_and_the_old_one_verifies_across_signals_and_restarts() {
    each(async |program| {
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        let old = kid(&bob);
        assert_eq!(states(&program), [(old.clone(), "signing".to_owned())]);

        let new = rotate(&program);
        assert_eq!(states(&program), [(new.clone(), "signing".to_owned()), (old.clone(), "verifying".to_owned())]);
        hang_up(&server);
        publishes(&server, &[&new, &old]).await;
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
        publishes(&server, &[&new]).await;
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
async fn a_server_hears_of_it_without_a_signal() {
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

        publishes(&server, &[&old, &new]).await;
        publishes(&server, &[&new, &old]).await;
        program.run(&["keys", "retire", &old]).ok();
        publishes(&server, &[&new]).await;
    })
    .await;
}

#[on_each_database]
async fn a_list_tells_people_what_programs_are_told() {
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
async fn a_data_directory_of_before_goes_on() {
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
        "the key that was there is the one before, even where no server started in between"
    );
    let server = program.serve();
    assert_eq!(published(&server).await, [new.as_str(), known.kid()]);
    assert!(!data.join("signing-key.pem").exists(), "no private half is kept of a key that signs no more");
    let file = fs::metadata(data.join("keys").join(format!("{new}.pem"))).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(data.join("keys")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_malformed_key_keeps_those_in_use_and_says_so() {
    let program = Program::new();
    let server = program.serve();
    let bob = server.anonymous().register("bob").await;
    let file = program.directory().join("data/signing-key.pem");
    let pem = fs::read_to_string(&file).unwrap();
    for (text, why) in [("nonsense", "not a private key"), ("", "not a private key")] {
        let before = server.log().matches("the current keys stay in use").count();
        write_key(&file, text);
        hang_up(&server);
        logs(&server, "the current keys stay in use", before).await;
        assert!(server.log().contains(why), "{}", server.log());
        bob.gql(ME).await.ok();
        assert_eq!(published(&server).await, [kid(&bob)]);
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
    hang_up(&server);
    logs(&server, "chmod 600", 0).await;
    server.anonymous().login("bob").await.gql(ME).await.ok();

    // What nobody can read any longer is left behind by a rotation.
    let new = rotate(&program);
    publishes(&server, &[&new, &kid(&bob)]).await;
    bob.gql(ME).await.ok();
    assert!(!server.whole_log().contains(pem.lines().nth(1).unwrap()));
}

#[tokio::test]
async fn a_key_that_is_gone_is_followed_by_another_and_never_by_a_retired_one() {
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
async fn a_key_that_somebody_put_in_the_place_of_the_first_one_follows_it() {
    let program = Program::new();
    let server = program.serve();
    let bob = server.anonymous().register("bob").await;
    let pem = generate_es256();
    write_key(&program.directory().join("data/signing-key.pem"), &pem);
    hang_up(&server);
    let new = Key::from_pem(Algorithm::Es256, &pem).unwrap().kid().to_owned();
    publishes(&server, &[&new, &kid(&bob)]).await;
    bob.gql(ME).await.ok();
    assert_eq!(kid(&server.anonymous().login("bob").await), new);
}
