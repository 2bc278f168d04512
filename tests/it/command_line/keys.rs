//! Signing algorithms: users sign in with each, and other services can verify tokens of the asymmetric ones.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::Ed25519KeyPair,
};
use base64::{Engine as _, engine::general_purpose};
use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::program::{Program, RunningServer};

fn pem(der: &[u8]) -> String {
    let text = general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|chunk| str::from_utf8(chunk).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

fn with_key(algorithm: &str, der: &[u8]) -> Program {
    let program =
        Program::new().set("FIELDGUARD_TOKEN_ALGORITHM", algorithm).set("FIELDGUARD_TOKEN_KEY_FILE", "key.pem");
    let file = program.directory().join("key.pem");
    std::fs::write(&file, pem(der)).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    program
}

/// Registers a user and sends a request. Returns the token's header and the published keys.
async fn header_and_keys(server: &RunningServer) -> (Value, Vec<Value>) {
    let bob = server.anonymous().register("bob").await;
    assert_eq!(bob.gql("{ me { username } }").await.ok().at("/data/me/username"), "bob");
    let token = bob.token.unwrap();
    let header = general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let keys = reqwest::get(server.url("/.well-known/jwks.json")).await.unwrap().json::<Value>().await.unwrap();
    (serde_json::from_slice(&header).unwrap(), keys["keys"].as_array().unwrap().clone())
}

#[tokio::test]
async fn server_signs_with_the_configured_key() {
    let rsa: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
    let ed25519 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    for (algorithm, der, kind) in [("RS256", rsa.as_ref(), "RSA"), ("EdDSA", ed25519.as_ref(), "OKP")] {
        let program = with_key(algorithm, der);
        let server = program.serve();
        let (header, keys) = header_and_keys(&server).await;
        assert_eq!(header["alg"], algorithm);
        assert_eq!(header["typ"], "at+jwt");
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0]["kty"], kind);
        assert_eq!(keys[0]["kid"], header["kid"], "the header names the published key");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(keys[0].get(private), None);
        }
    }
}

#[tokio::test]
async fn shared_secret_is_not_published() {
    let program = Program::new()
        .set("FIELDGUARD_TOKEN_ALGORITHM", "HS256")
        .set("FIELDGUARD_TOKEN_SECRET", "Zm9yIHRlc3RzIG9ubHksIGFuZCBsb25nIGVub3VnaCBmb3IgSFMyNTY=");
    let (header, keys) = header_and_keys(&program.serve()).await;
    assert_eq!(header["alg"], "HS256");
    assert_eq!(keys, Vec::<Value>::new());
}

#[on_each_database]
async fn tokens_stay_valid_after_a_restart() {
    super::program::each(async |program| {
        let first = program.serve();
        let bob = first.anonymous().register("bob").await;
        first.kill();
        let second = program.serve();
        second.anonymous().bearing(&bob.token.unwrap()).gql("{ me { username } }").await.ok();
    })
    .await;
}

#[test]
fn key_of_another_kind_stops_the_start() {
    let ed25519 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    for (algorithm, der) in [("RS256", ed25519.as_ref()), ("EdDSA", b"nonsense".as_slice())] {
        let ended = with_key(algorithm, der).run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains("`token.key_file`") && ended.err.contains("key.pem"), "{ended:?}");
    }
    let missing = Program::new().set("FIELDGUARD_TOKEN_KEY_FILE", "nowhere/key.pem").run(&["serve"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    let expected = "= \"nowhere/key.pem\" cannot be used: no such file or directory";
    assert!(missing.err.contains("`token.key_file`") && missing.err.contains(expected), "{missing:?}");
    let ended = Program::new().set("FIELDGUARD_TOKEN_ALGORITHM", "RS256").run(&["serve"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("token.key_file"), "{ended:?}");
}
