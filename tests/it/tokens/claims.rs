//! Tokens with a valid signature whose header or claims are missing or wrong.

use fieldguard::config::{Algorithm, Config, Secret};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{assert_token_refused, parts, signed, with};
use crate::{
    app::{START, Server, settings},
    database,
};

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
fn settings_with_shared_secret() -> Config {
    let mut config = settings();
    config.token.algorithm = Algorithm::Hs256;
    config.token.secret = Some(Secret::new(SECRET.to_owned()));
    config
}

#[on_each_database]
async fn signed_token_needs_every_required_header_and_claim() {
    database::each_owned(async |database| {
        let server = Server::on(database, settings_with_shared_secret()).await;
        let (bob, ann) = (server.user("bob").await, server.user("ann").await);
        let (header, claims) = parts(bob.token.as_deref().unwrap());
        let (_, ann_claims) = parts(ann.token.as_deref().unwrap());
        let sign = |header: &Value, claims: &Value| signed(header, claims, SECRET.as_bytes());
        bob.bearing(&sign(&header, &claims)).gql("{ me { id } }").await.ok();

        for (name, value) in [
            ("typ", None),
            ("typ", Some(json!("JWT"))),
            ("typ", Some(json!(null))),
            ("typ", Some(json!(["at+jwt"]))),
            ("kid", None),
            ("kid", Some(json!(null))),
            ("kid", Some(json!([header["kid"]]))),
            ("kid", Some(json!("unknown"))),
            ("kid", Some(json!("../../../../etc/passwd"))),
            ("kid", Some(json!("https://attacker.example/jwks.json"))),
            ("kid", Some(json!("' UNION SELECT 'x"))),
            ("kid", Some(json!("k".repeat(4_000)))),
            ("alg", None),
            ("alg", Some(json!("HS512"))),
            ("alg", Some(json!("none"))),
            ("alg", Some(json!("hs256"))),
            ("alg", Some(json!("ES256"))),
            ("alg", Some(json!(["HS256"]))),
            ("crit", Some(json!(["exp"]))),
            ("crit", Some(json!([]))),
            ("jku", Some(json!("https://attacker.example"))),
            ("jwk", Some(json!({}))),
            ("x5u", Some(json!(""))),
            ("x5c", Some(json!([]))),
        ] {
            assert_token_refused(
                &bob,
                &sign(&with(&header, name, value.clone()), &claims),
                &format!("{name} {value:?}"),
            )
            .await;
        }
        for (name, value) in [
            ("iss", None),
            ("iss", Some(json!("https://attacker.example"))),
            ("iss", Some(json!(null))),
            ("iss", Some(json!([claims["iss"]]))),
            ("aud", None),
            ("aud", Some(json!("others"))),
            ("aud", Some(json!([]))),
            ("aud", Some(json!(null))),
            ("aud", Some(json!("Fieldguard"))),
            ("aud", Some(json!(["others"]))),
            ("exp", None),
            ("exp", Some(json!((START + 900).to_string()))),
            ("exp", Some(json!(START - 5))),
            ("exp", Some(json!(null))),
            ("exp", Some(json!(1.9e9))),
            ("exp", Some(json!([START + 900]))),
            ("exp", Some(json!(i64::MAX))),
            ("exp", Some(json!(u64::MAX))),
            ("exp", Some(json!(-1))),
            ("nbf", None),
            ("nbf", Some(json!(START + 6))),
            ("nbf", Some(json!("0"))),
            ("nbf", Some(json!(START.to_string()))),
            ("nbf", Some(json!(1.5e9))),
            ("nbf", Some(json!(null))),
            ("iat", None),
            ("iat", Some(json!(START.to_string()))),
            ("iat", Some(json!(1.5e9))),
            ("iat", Some(json!(START + 6))),
            ("jti", None),
            ("sub", None),
            ("sub", Some(json!("bob"))),
            ("sub", Some(ann_claims["sub"].clone())),
            ("sub", Some(json!("01890000-0000-7000-8000-000000000000"))),
            ("sub", Some(json!("' OR 1=1 --"))),
            ("sid", None),
            ("sid", Some(ann_claims["sid"].clone())),
            ("sid", Some(claims["sub"].clone())),
        ] {
            assert_token_refused(
                &bob,
                &sign(&header, &with(&claims, name, value.clone())),
                &format!("{name} {value:?}"),
            )
            .await;
        }
        for claims in [json!([]), json!(null), json!("x"), json!({})] {
            assert_token_refused(&bob, &sign(&header, &claims), &claims.to_string()).await;
        }
    })
    .await;
}

#[on_each_database]
async fn roles_and_scopes_in_a_token_are_ignored() {
    database::each_owned(async |database| {
        let server = Server::on(database, settings_with_shared_secret()).await;
        let bob = server.user("bob").await;
        let (header, claims) = parts(bob.token.as_deref().unwrap());
        let admin = with(&with(&claims, "roles", Some(json!(["admin"]))), "scope", Some(json!("users:read")));
        let forged = bob.bearing(&signed(&header, &admin, SECRET.as_bytes()));
        assert_eq!(forged.gql("{ admin { message } }").await.codes(), ["FORBIDDEN"]);
        let me = forged.gql("{ me { roles { name } permissions { name } } }").await.ok();
        assert_eq!(me.at("/data/me"), &json!({ "roles": [{ "name": "user" }], "permissions": [] }));
    })
    .await;
}
