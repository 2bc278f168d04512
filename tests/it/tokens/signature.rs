//! Tokens without a valid signature: no signature, the signature of another token or key, or one made with public
//! information.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use fieldguard::auth::keys::{Algorithm, Key, generate_es256};
use fieldguard_test_macros::on_each_database;
use jsonwebtoken::{Algorithm as Jose, EncodingKey, crypto::sign};
use serde_json::{Value, json};

use super::{assert_token_refused, encode, parts, signed, with};
use crate::app::{Server, each};

#[on_each_database]
async fn missing_or_copied_signature_is_rejected() {
    each(async |server| {
        let bob = server.user("bob").await;
        let token = bob.token.clone().unwrap();
        let (header, claims) = parts(&token);
        let (start, signature) = token.rsplit_once('.').unwrap();
        for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "ES384", "RS256", "es256"] {
            let start = format!("{}.{}", encode(&with(&header, "alg", Some(json!(alg)))), encode(&claims));
            assert_token_refused(&bob, &format!("{start}."), alg).await;
            assert_token_refused(&bob, &start, alg).await;
            assert_token_refused(&bob, &format!("{start}.{signature}"), alg).await;
        }
        assert_token_refused(&bob, &format!("{start}."), "no signature").await;
        assert_token_refused(&bob, &format!("{start}.{}", URL_SAFE_NO_PAD.encode([0; 64])), "a signature of zeros")
            .await;
        let admin = with(&claims, "roles", Some(json!(["admin"])));
        assert_token_refused(&bob, &format!("{}.{}.{signature}", encode(&header), encode(&admin)), "other claims")
            .await;
    })
    .await;
}

/// The public key, in every common encoding, as the secret of an HMAC.
#[on_each_database]
async fn signature_with_the_public_key_as_hmac_secret_is_rejected() {
    each(async |server| {
        let bob = server.user("bob").await;
        let (header, claims) = parts(bob.token.as_deref().unwrap());
        let text = reqwest::get(server.url("/.well-known/jwks.json")).await.unwrap().text().await.unwrap();
        let key = serde_json::from_str::<Value>(&text).unwrap()["keys"][0].clone();
        let coordinates = ["x", "y"].map(|name| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap()).concat();
        let point = [vec![4], coordinates.clone()].concat();
        let der = [SPKI_OF_P256, &point].concat();
        let body = STANDARD.encode(&der);
        let (first, second) = body.split_at(64);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----");
        for secret in [
            text.into_bytes(),
            key.to_string().into_bytes(),
            key["x"].as_str().unwrap().as_bytes().to_vec(),
            coordinates,
            point,
            der,
            body.clone().into_bytes(),
            pem.clone().into_bytes(),
            format!("{pem}\n").into_bytes(),
            header["kid"].as_str().unwrap().as_bytes().to_vec(),
            vec![],
        ] {
            for alg in ["HS256", "ES256"] {
                let header = with(&header, "alg", Some(json!(alg)));
                assert_token_refused(&bob, &signed(&header, &claims, &secret), "the public key as a secret").await;
            }
        }
    })
    .await;
}

/// The DER prefix before the point in a P-256 public key (RFC 5480).
const SPKI_OF_P256: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

#[on_each_database]
async fn signature_with_an_embedded_or_referenced_key_is_rejected() {
    each(async |server| {
        let bob = server.user("bob").await;
        let (header, claims) = parts(bob.token.as_deref().unwrap());
        let pem = generate_es256();
        let own = Key::from_pem(Algorithm::Es256, &pem).unwrap();
        let jwk = own.verifier().jwk().unwrap().clone();
        let encoding = EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        let forge = |header: &Value| {
            let message = format!("{}.{}", encode(header), encode(&claims));
            format!("{message}.{}", sign(message.as_bytes(), &encoding, Jose::ES256).unwrap())
        };
        assert_token_refused(&bob, &forge(&header), "another key under the server's name").await;
        for kid in hostile_kids().into_iter().chain([json!(own.kid())]) {
            assert_token_refused(&bob, &forge(&with(&header, "kid", Some(kid.clone()))), &format!("kid {kid:.60}"))
                .await;
        }
        assert_token_refused(&bob, &forge(&with(&header, "kid", None)), "no kid").await;
        for (name, value) in [
            ("jwk", jwk.clone()),
            ("jku", json!("https://attacker.example/jwks.json")),
            ("jku", json!(server.url("/.well-known/jwks.json"))),
            ("x5u", json!("https://attacker.example/cert.pem")),
            ("x5c", json!(["MIIB"])),
            ("crit", json!(["exp"])),
        ] {
            for kid in [header["kid"].clone(), json!(own.kid())] {
                let changed = with(&with(&header, name, Some(value.clone())), "kid", Some(kid));
                assert_token_refused(&bob, &forge(&changed), name).await;
            }
        }
    })
    .await;
}

fn hostile_kids() -> Vec<Value> {
    vec![
        json!("unknown"),
        json!(""),
        json!("\0"),
        json!("../../../../dev/null"),
        json!("/dev/null"),
        json!("' UNION SELECT 'x"),
        json!("https://attacker.example/jwks.json"),
        json!("k".repeat(4_000)),
        json!(1),
        json!(null),
        json!(["x"]),
        json!({}),
    ]
}

/// A token of another server, which has its own key.
#[on_each_database]
async fn token_of_another_server_is_rejected() {
    let elsewhere = Server::start().await;
    let foreign = elsewhere.user("bob").await.token.unwrap();
    each(async |server| assert_token_refused(&server.anonymous(), &foreign, "another server's key").await).await;
}
