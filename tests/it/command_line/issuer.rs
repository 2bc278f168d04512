//! The issuer of access tokens. It belongs to the deployment: the first start stores it, whatever address the server
//! listens on, and only a command changes it.

use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection};
use serde_json::Value;

use super::program::{Program, RunResult, RunningServer, each};
use crate::{actor::Actor, tokens::parts};

const ME: &str = "{ me { username } }";

async fn published(server: &RunningServer) -> String {
    let configuration = reqwest::get(server.url("/.well-known/openid-configuration")).await.unwrap();
    configuration.json::<Value>().await.unwrap()["issuer"].as_str().unwrap().to_owned()
}

fn issuer(actor: &Actor) -> String {
    parts(actor.token.as_deref().unwrap()).1["iss"].as_str().unwrap().to_owned()
}

/// Runs a server that must fail to start.
#[track_caller]
fn refused(program: &Program) -> RunResult {
    let ended = program.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    ended
}

#[on_each_database]
async fn servers_on_different_addresses_accept_each_others_tokens() {
    each(async |program| {
        let one = program.serve_on("127.0.0.1:0");
        let bob = one.anonymous().register("bob").await;
        let kept = program.run(&["issuer", "show"]).ok();
        assert_eq!(kept, "http://127.0.0.1:0\n");
        assert_eq!((issuer(&bob) + "\n", published(&one).await + "\n"), (kept.clone(), kept.clone()));
        one.kill();
        for listen in ["127.0.0.2:0", "[::1]:0"] {
            let other = program.serve_on(listen);
            assert_eq!(published(&other).await + "\n", kept, "{listen}");
            other.anonymous().bearing(bob.token.as_deref().unwrap()).gql(ME).await.ok();
            assert_eq!(issuer(&other.anonymous().login("bob").await) + "\n", kept);
            other.kill();
        }
    })
    .await;
}

#[on_each_database]
async fn server_with_another_issuer_starts_only_after_issuer_set() {
    each(async |program| {
        program.run(&["migrate"]).ok();
        program.run(&["admin", "list"]).ok();
        assert_eq!(program.run(&["issuer", "show"]).ok(), "", "commands store no issuer");
        let moved = program.replica().set("FIELDGUARD_PUBLIC_URL", "https://new.example/");
        let named = program.replica().set("FIELDGUARD_TOKEN_ISSUER", "us");
        let program = program.set("FIELDGUARD_PUBLIC_URL", "https://old.example");
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        server.kill();

        for (other, setting, value) in [(&moved, "public_url", "https://new.example"), (&named, "token.issuer", "us")] {
            let ended = refused(other);
            for part in [
                "the issuer of this deployment is `https://old.example`",
                &format!("`{setting}` changes it to `{value}`"),
                "set `token.issuer = \"https://old.example\"`",
                &format!("`fieldguard issuer set {value}`"),
            ] {
                assert!(ended.err.contains(part), "{part}: {ended:?}");
            }
            other.run(&["users", "list"]).ok();
        }
        let alias = moved.replica().set("FIELDGUARD_TOKEN_ISSUER", "https://old.example").serve();
        alias.anonymous().bearing(bob.token.as_deref().unwrap()).gql(ME).await.ok();
        alias.kill();

        let out = program.run(&["issuer", "set", "https://new.example/"]).ok();
        assert_eq!(out, "The issuer is https://new.example. Restart every server.\n");
        let log = program.run(&["audit", "tail", "--format", "json"]).ok();
        assert!(log.contains("issuer-set"), "{log}");
        program.run(&["audit", "verify"]).ok();
        assert!(refused(&program).err.contains("the issuer of this deployment is `https://new.example`"));
        let server = moved.serve();
        assert_eq!(published(&server).await, "https://new.example");
        let refused = server.anonymous().bearing(bob.token.as_deref().unwrap()).gql(ME).await;
        assert_eq!(refused.status, 401);
        assert_eq!(issuer(&server.anonymous().login("bob").await), "https://new.example");
        let ended = program.run(&["issuer", "set", "a\u{7}b"]);
        assert!(ended.code == Some(2) && ended.err.contains("invalid issuer"), "{ended:?}");
    })
    .await;
}

#[on_each_database]
async fn database_without_an_issuer_stores_it_at_the_next_start() {
    each(async |program| {
        program.run(&["migrate"]).ok();
        program.serve().kill();
        let connection = Connection::connect(program.database_url()).await.unwrap();
        connection.execute_unprepared("DELETE FROM deployment").await.unwrap();
        connection.close().await.unwrap();
        let program = program.set("FIELDGUARD_PUBLIC_URL", "https://id.example");
        program.serve().kill();
        assert_eq!(program.run(&["issuer", "show"]).ok(), "https://id.example\n");
    })
    .await;
}

#[test]
fn listening_on_a_public_address_requires_a_public_url() {
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        for command in [&["serve"][..], &["config", "check"]] {
            let ended = Program::new().set("FIELDGUARD_LISTEN", listen).run(command);
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert!(ended.err.contains("`public_url = \"https://id.example.org\"`"), "{ended:?}");
            assert!(ended.err.contains("`insecure_http = true`"), "{ended:?}");
        }
    }
    let program = Program::new().set("FIELDGUARD_PUBLIC_URL", "https://id.example");
    program.set("FIELDGUARD_LISTEN", "0.0.0.0:0").run(&["config", "check"]).ok();
}
