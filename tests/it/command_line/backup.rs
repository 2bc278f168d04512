//! `fieldguard backup`, `restore` and `copy`.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use fieldguard_test_macros::{needs, on_each_database};
use serde_json::{Value, json};

use super::program::{Program, each};
use crate::{actor::PASSWORD, personal_access_tokens};

const CREATE: [&str; 4] = ["admin", "create", "ada", "--password-stdin"];
const ISSUER: (&str, &str) = ("FIELDGUARD_PUBLIC_URL", "http://fieldguard.test");

/// A program on each kind of database, all with the same issuer.
async fn programs() -> Vec<Program> {
    let all = std::iter::once(Program::new()).chain(Program::postgres().await);
    all.map(|program| program.set(ISSUER.0, ISSUER.1)).collect()
}

fn file(program: &Program) -> PathBuf {
    program.directory().join("a.backup")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn names(program: &Program) -> Vec<String> {
    let users: Value = serde_json::from_str(&program.run(&["users", "list", "--format", "json"]).ok()).unwrap();
    users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

/// The number of incomplete files in this directory.
fn incomplete(directory: &Path) -> usize {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().is_some_and(|name| name.ends_with(".partial"))).count()
}

#[tokio::test]
async fn restored_server_accepts_passwords_and_no_old_token() {
    for from in programs().await {
        from.run_with(&CREATE, PASSWORD).ok();
        let server = from.serve();
        let ada = server.anonymous().login("ada").await;
        let token = personal_access_tokens::create(&ada, &[]).await.token;
        let path = file(&from);
        let saved = from.run(&["backup", text(&path)]).ok();
        assert!(saved.starts_with("Saved 1 accounts ("), "{saved}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for to in programs().await {
            let restored = to.run(&["restore", text(&path)]).ok();
            assert!(restored.starts_with("Restored 1 accounts ("), "{restored}");
            to.run(&["audit", "verify"]).ok();
            let tail = to.run(&["audit", "tail", "-n", "1"]).ok();
            assert!(tail.contains("database-restored") && tail.contains("(backup of 2"), "{tail}");
            let server = to.serve();
            for old in [ada.token.as_deref().unwrap(), &token] {
                let answer = server.anonymous().bearing(old).gql("{ me { username } }").await;
                assert_eq!(answer.status, 401, "{answer:#?}");
            }
            let again = server.anonymous().login("ada").await;
            again.gql("{ admin { message } }").await.ok();
        }
    }
}

#[on_each_database]
async fn restore_refuses_a_database_with_users_or_a_running_server() {
    let from = Program::new();
    from.run_with(&CREATE, PASSWORD).ok();
    let path = file(&from);
    from.run(&["backup", text(&path)]).ok();
    each(async |to| {
        to.run_with(&["admin", "create", "bob", "--password-stdin"], PASSWORD).ok();
        let ended = to.run(&["restore", text(&path)]);
        assert_eq!((ended.code, ended.err.contains("--replace")), (Some(1), true), "{ended:?}");
        assert_eq!(names(&to), ["bob"]);
        to.run(&["restore", "--replace", text(&path)]).ok();
        assert_eq!(names(&to), ["ada"]);
    })
    .await;

    let to = Program::new();
    let server = to.serve();
    let ended = to.run(&["restore", "--replace", text(&path)]);
    assert_eq!((ended.code, ended.err.contains("another server (process ")), (Some(1), true), "{ended:?}");
    server.kill();
    to.run(&["restore", "--replace", text(&path)]).ok();
}

#[tokio::test]
async fn restoring_an_invalid_file_creates_no_database() {
    let program = Program::new();
    let path = file(&program);
    fs::write(&path, "not a backup").unwrap();
    for (name, code, word) in [(text(&path), 2, "not a backup"), ("missing", 1, "missing")] {
        let ended = program.run(&["restore", name]);
        assert_eq!((ended.code, ended.err.contains(word)), (Some(code), true), "{ended:?}");
    }
    assert!(!program.directory().join("data").exists());
}

#[test]
fn backup_replaces_a_file_only_with_the_replace_flag() {
    let program = Program::new();
    program.run(&["migrate"]).ok();
    let path = file(&program);
    fs::write(&path, "mine").unwrap();
    let ended = program.run(&["backup", text(&path)]);
    assert_eq!((ended.code, ended.err.contains("--replace")), (Some(1), true), "{ended:?}");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    program.run(&["backup", "--replace", text(&path)]).ok();
    assert!(fs::read(&path).unwrap().len() > 4);
    let ended = program.run(&["backup", "no/such/directory/a"]);
    assert_eq!((ended.code, ended.err.contains("no/such/directory/a")), (Some(1), true), "{ended:?}");
    assert_eq!(incomplete(program.directory()), 0);
}

#[test]
fn backup_is_readable_by_its_owner_only_under_any_umask() {
    let program = Program::new();
    program.run(&["migrate"]).ok();
    for umask in ["000", "022", "077", "177"] {
        let name = format!("{umask}.backup");
        let line = format!("umask {umask}; exec \"$0\" backup {name}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_fieldguard")]).current_dir(program.directory()).env_clear();
        assert!(shell.status().unwrap().success(), "{umask}");
        let mode = fs::metadata(program.directory().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{umask}");
    }
}

/// Kills the program while its incomplete file exists, or after it is done.
#[test]
fn killed_backup_leaves_no_incomplete_file_under_its_name() {
    let program = Program::new();
    program.run_with(&CREATE, PASSWORD).ok();
    for round in 0..8 {
        let path = program.directory().join(format!("{round}.backup"));
        let before = incomplete(program.directory());
        let mut child = program.spawn(&["backup", text(&path)]);
        while incomplete(program.directory()) == before && child.try_wait().unwrap().is_none() {}
        for _ in 0..round * 200 {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if path.exists() {
            let to = Program::new();
            to.run(&["restore", text(&path)]).ok();
            assert_eq!(names(&to), ["ada"]);
        }
    }
}

#[test]
fn interrupted_backup_removes_its_incomplete_file() {
    use rustix::process::{Pid, Signal, kill_process};
    let program = Program::new();
    program.run(&["migrate"]).ok();
    let path = file(&program);
    let mut child = program.spawn(&["backup", "--replace", text(&path)]);
    while incomplete(program.directory()) == 0 && child.try_wait().unwrap().is_none() {}
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
    let code = child.wait().unwrap().code();
    assert_eq!((incomplete(program.directory()), path.exists()), (0, code == Some(0)), "{code:?}");
}

/// The program is killed at many different moments. Each leaves one of two states.
#[on_each_database]
async fn killed_restore_leaves_the_database_unchanged_or_restored() {
    let from = Program::new();
    from.run_with(&CREATE, PASSWORD).ok();
    let path = file(&from);
    from.run(&["backup", text(&path)]).ok();
    each(async |to| {
        to.run_with(&["admin", "create", "bob", "--password-stdin"], PASSWORD).ok();
        for round in 0..8 {
            let mut child = to.spawn(&["restore", "--replace", text(&path)]);
            for _ in 0..round * 3_000 {
                std::thread::yield_now();
                if child.try_wait().unwrap().is_some() {
                    break;
                }
            }
            child.kill().unwrap();
            child.wait().unwrap();
            let names = names(&to);
            assert!(names == ["bob"] || names == ["ada"], "{names:?}");
            to.run(&["audit", "verify"]).ok();
        }
    })
    .await;
}

#[tokio::test]
async fn copy_keeps_sessions_and_tokens_valid() {
    for from in programs().await {
        from.run_with(&CREATE, PASSWORD).ok();
        let server = from.serve();
        let ada = server.anonymous().login("ada").await;
        let token = personal_access_tokens::create(&ada, &[]).await.token;
        server.kill();
        for to in programs().await {
            let copied = from.run(&["copy", "--from", from.database(), "--to", to.database()]);
            assert!(!copied.err.contains("note"), "{copied:?}");
            assert!(copied.ok().contains("The audit log is whole on both sides: "));
            let heads = [&from, &to].map(|program| program.run(&["audit", "verify"]).ok());
            assert_eq!(heads[0], heads[1]);
            let again = from.run(&["copy", "--from", from.database(), "--to", to.database()]);
            assert_eq!((again.code, again.err.contains("not empty")), (Some(1), true), "{again:?}");
            let server = to.serve();
            for still_valid in [ada.token.as_deref().unwrap(), &token] {
                let me = server.anonymous().bearing(still_valid).gql("{ me { username } }").await.ok();
                assert_eq!(me.at("/data/me/username"), &json!("ada"));
            }
        }
    }
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn copy_without_the_private_key_keeps_tokens_valid() {
    let Some(to) = Program::postgres().await else { return };
    let to = to.set(ISSUER.0, ISSUER.1);
    let from = Program::new().set(ISSUER.0, ISSUER.1);
    from.run_with(&CREATE, PASSWORD).ok();
    let server = from.serve();
    let ada = server.anonymous().login("ada").await;
    server.kill();
    fs::remove_file(from.directory().join("data/signing-key.pem")).unwrap();
    let copied = from.run(&["copy", "--from", from.database(), "--to", to.database()]);
    assert!(copied.err.contains("the private half of the signing key"), "{copied:?}");
    copied.ok();
    let server = to.serve();
    server.anonymous().bearing(ada.token.as_deref().unwrap()).gql("{ me { username } }").await.ok();
    server.anonymous().login("ada").await.gql("{ admin { message } }").await.ok();
}

#[test]
fn invalid_url_is_not_repeated() {
    let program = Program::new();
    let ended = program.run(&["copy", "--from", "mysql://ann:hunter2@db/x", "--to", "sqlite:x"]);
    assert_eq!((ended.code, ended.err.contains("--from")), (Some(2), true), "{ended:?}");
    assert!(!ended.all().contains("hunter2"), "{ended:?}");
}
