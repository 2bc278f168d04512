//! Rotation of a key or a secret that the configuration sets.

use fieldguard::auth::keys::{Algorithm, Key, generate_es256};
use fieldguard_test_macros::{needs, on_each_database};
use serde_json::Value;

use super::{ME, hang_up, kid, list, published, states, wait_until_logged, wait_until_published, write_key};
use crate::command_line::program::{Program, each};

#[tokio::test]
async fn configured_key_is_rotated_by_replacing_its_file() {
    let program = Program::new().set("FIELDGUARD_TOKEN_KEY_FILE", "key.pem");
    let file = program.directory().join("key.pem");
    write_key(&file, &generate_es256());
    let server = program.serve();
    let bob = server.anonymous().register("bob").await;
    let ended = program.run(&["keys", "rotate"]);
    assert!(ended.code == Some(1) && ended.err.contains("`token.key_file`"), "{ended:?}");
    let ended = program.run(&["keys", "retire", &kid(&bob)]);
    assert!(ended.code == Some(1) && ended.err.contains("that key signs"), "{ended:?}");
    assert_eq!(states(&program), [(kid(&bob), "signing".to_owned())]);

    write_key(&file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    hang_up(&server);
    wait_until_logged(&server, "the current keys stay in use", 0).await;
    let pem = generate_es256();
    let new = Key::from_pem(Algorithm::Es256, &pem).unwrap().kid().to_owned();
    write_key(&file, &pem);
    hang_up(&server);
    wait_until_published(&server, &[&kid(&bob), &new]).await;
    assert_eq!(states(&program), [(kid(&bob), "signing".to_owned()), (new.clone(), "published".to_owned())]);
    wait_until_published(&server, &[&new, &kid(&bob)]).await;
    let later = server.anonymous().login("bob").await;
    assert_eq!(kid(&later), new);
    for actor in [&bob, &later] {
        actor.gql(ME).await.ok();
    }
    // SIGHUP without a change keeps the keys.
    hang_up(&server);
    wait_until_logged(&server, "SIGHUP", 2).await;
    bob.gql(ME).await.ok();
}

#[on_each_database]
async fn previous_configured_key_verifies_after_a_restart_and_can_be_retired() {
    each(async |program| {
        let program = program.set("FIELDGUARD_TOKEN_KEY_FILE", "key.pem");
        let file = program.directory().join("key.pem");
        let old_pem = generate_es256();
        write_key(&file, &old_pem);
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        server.kill();

        write_key(&file, &generate_es256());
        let signing = states(&program);
        assert!(
            signing.len() == 2 && signing.iter().all(|key| key.1 == "signing"),
            "the key in the file and the recorded key"
        );
        let server = program.serve();
        let later = server.anonymous().login("bob").await;
        assert_eq!(published(&server).await, [kid(&later), kid(&bob)]);
        server.anonymous().bearing(bob.token.as_deref().unwrap()).gql(ME).await.ok();
        assert_eq!(states(&program), [(kid(&later), "signing".to_owned()), (kid(&bob), "verifying".to_owned())]);

        program.run(&["keys", "retire", &kid(&bob)]).ok();
        wait_until_published(&server, &[&kid(&later)]).await;
        let refused = server.anonymous().bearing(bob.token.as_deref().unwrap()).gql(ME).await;
        assert_eq!(refused.status, 401);
        later.gql(ME).await.ok();
        server.kill();

        write_key(&file, &old_pem);
        let ended = program.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert!(ended.code == Some(1) && ended.err.contains("retired"), "{ended:?}");
    })
    .await;
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn replica_follows_the_key_file_and_warns_about_a_different_key() {
    let Some(program) = Program::postgres().await else { return };
    let program = program.set("FIELDGUARD_TOKEN_KEY_FILE", "key.pem");
    let beside = program.replica().set("FIELDGUARD_TOKEN_KEY_FILE", "beside.pem");
    let write = |name: &str, pem: &str| write_key(&program.directory().join(name), pem);
    let [old_pem, pem] = [(); 2].map(|()| generate_es256());
    let [old, new] = [&old_pem, &pem].map(|pem| Key::from_pem(Algorithm::Es256, pem).unwrap().kid().to_owned());
    for name in ["key.pem", "beside.pem"] {
        write(name, &old_pem);
    }
    let (one, other) = (program.serve(), beside.serve());
    let bob = one.anonymous().register("bob").await;
    assert_eq!(kid(&bob), old);

    write("key.pem", &pem);
    hang_up(&one);
    wait_until_published(&other, &[&old, &new]).await;
    wait_until_logged(&other, "another server uses a newer key", 0).await;
    assert!(!one.log().contains("another server uses a newer key"), "{}", one.log());
    wait_until_published(&one, &[&new, &old]).await;
    let later = one.anonymous().login("bob").await;
    other.anonymous().bearing(later.token.as_deref().unwrap()).gql(ME).await.ok();
    assert_eq!(published(&other).await, [old.as_str(), &new], "the replica has no other key to sign with");

    write("beside.pem", &pem);
    wait_until_published(&other, &[&new, &old]).await;
    one.anonymous().bearing(other.anonymous().login("bob").await.token.as_deref().unwrap()).gql(ME).await.ok();
}

#[test]
fn configured_secret_is_listed_and_not_rotated() {
    let secret = "Zm9yIHRlc3RzIG9ubHksIGFuZCBsb25nIGVub3VnaCBmb3IgSFMyNTY=";
    let program = Program::new().set("FIELDGUARD_TOKEN_ALGORITHM", "HS256").set("FIELDGUARD_TOKEN_SECRET", secret);
    program.run(&["migrate"]).ok();
    let ended = program.run(&["keys", "rotate"]);
    assert!(ended.code == Some(1) && ended.err.contains("`token.secret`"), "{ended:?}");
    let keys = list(&program);
    assert_eq!(
        (&keys[0]["algorithm"], &keys[0]["state"], &keys[0]["createdAt"]),
        (&"HS256".into(), &"signing".into(), &Value::Null)
    );
    assert!(!program.run(&["keys", "list"]).all().contains(secret));
}
