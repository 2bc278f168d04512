//! Bearer tokens on the wire: what is not a token of this server, for an account as it stands now, is refused as a whole
//! request, and never run for nobody.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use fieldguard::config::{Algorithm, Config, Secret};
use reqwest::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{START, Server, each, settings},
    database,
};

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// A document that anyone may run.
const PUBLIC: &str = "{ serverInfo { version } }";
const PUBLIC_BODY: &str = r#"{"query":"{ serverInfo { version } }"}"#;

#[track_caller]
fn assert_refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 401, "{why}: {answer:#?}");
    assert_eq!(answer.headers[WWW_AUTHENTICATE], r#"Bearer error="invalid_token""#, "{why}");
    assert_eq!(answer.codes(), ["UNAUTHENTICATED"], "{why}");
    assert!(answer.json.get("data").is_none(), "{why}: it was run");
}

async fn refuses(actor: &Actor, token: &str, why: &str) {
    assert_refused(&actor.bearing(token).gql(PUBLIC).await, why);
}

/// A token's header and claims.
pub fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (part(), part())
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn signed(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// The object with this member set, or taken away.
fn with(object: &Value, name: &str, value: Option<Value>) -> Value {
    let mut members: BTreeMap<String, Value> = serde_json::from_value(object.clone()).unwrap();
    members.remove(name);
    members.extend(value.map(|it| (name.to_owned(), it)));
    json!(members)
}

fn sharing_a_secret() -> Config {
    let mut config = settings();
    config.token.algorithm = Algorithm::Hs256;
    config.token.secret = Some(Secret::new(SECRET.to_owned()));
    config
}

#[tokio::test]
async fn the_scheme_is_bearer_in_any_case_and_there_is_one_header() {
    each(async |server| {
        let bob = server.user("bob").await;
        let token = bob.token.clone().unwrap();
        let nobody = server.anonymous();
        let send = async |values: Vec<Vec<u8>>| {
            let body = json!({ "query": PUBLIC });
            let header = |bytes: &Vec<u8>| HeaderValue::from_bytes(bytes).unwrap();
            nobody
                .request(|it| values.iter().fold(it.json(&body), |it, value| it.header(AUTHORIZATION, header(value))))
                .await
        };
        send(vec![]).await.ok();
        for good in [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER   {token} ")] {
            send(vec![good.clone().into_bytes()]).await.ok();
        }
        let fine = format!("Bearer {token}").into_bytes();
        for bad in [
            vec![fine.clone(), fine.clone()],
            vec![fine.clone(), b"Basic YWRhOmFkYQ==".to_vec()],
            vec![b"Basic YWRhOmFkYQ==".to_vec(), fine.clone()],
            vec![b"".to_vec()],
            vec![b" ".to_vec()],
            vec![b"Bearer".to_vec()],
            vec![b"Bearer ".to_vec()],
            vec![b"Bearer null".to_vec()],
            vec![b"Bearer undefined".to_vec()],
            vec![b"Basic YWRhOmFkYQ==".to_vec()],
            vec![format!("Token {token}").into_bytes()],
            vec![token.clone().into_bytes()],
            vec![format!("Bearer{token}").into_bytes()],
            vec![format!("Bearer Bearer {token}").into_bytes()],
            vec![format!("Bearer {token}, Bearer {token}").into_bytes()],
            vec![format!("Bearer \"{token}\"").into_bytes()],
            vec![[b"Bearer \xff", token.as_bytes()].concat()],
        ] {
            let shown = bad.iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect::<Vec<_>>();
            assert_refused(&send(bad).await, &format!("{shown:?}"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_stands_in_its_header_and_nowhere_else() {
    each(async |server| {
        let bob = server.user("bob").await;
        let token = bob.token.clone().unwrap();
        let body = json!({
            "query": "{ me { id } }", "access_token": token, "variables": { "access_token": token },
            "extensions": { "Authorization": format!("Bearer {token}") },
        });
        let answer = Actor::new(server.url(&format!("/graphql?access_token={token}")), None).send(&body).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
        let answer =
            server.anonymous().request(|it| it.header("Cookie", format!("access_token={token}")).json(&body)).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[tokio::test]
async fn expires_to_the_second_and_five_more() {
    each(async |server| {
        let bob = server.user("bob").await;
        server.app.accounts().clock.advance(TimeDelta::seconds(900 + 4));
        bob.gql("{ me { id } }").await.ok();
        server.app.accounts().clock.advance(TimeDelta::seconds(1));
        assert_refused(&bob.gql(PUBLIC).await, "expired");
        // Even one that the server has just honored, and so remembers.
        let bob = server.anonymous().login("bob").await;
        server.app.accounts().clock.advance(TimeDelta::milliseconds(904_500));
        bob.gql(PUBLIC).await.ok();
        server.app.accounts().clock.advance(TimeDelta::milliseconds(500));
        assert_refused(&bob.gql(PUBLIC).await, "expired while remembered");
    })
    .await;
}

#[tokio::test]
async fn of_an_account_that_is_gone_or_of_another_server_is_nobodys() {
    let elsewhere = Server::start().await;
    let foreign = elsewhere.user("bob").await.token.unwrap();
    each(async |server| {
        let bob = server.user("bob").await;
        refuses(&bob, &foreign, "another server's key").await;
        let leave = "mutation ($password: String!) { deleteAccount(password: $password) { userId } }";
        bob.gql_with(leave, json!({ "password": PASSWORD })).await.ok();
        assert_refused(&bob.gql(PUBLIC).await, "the account is gone");
        assert_refused(&bob.gql("mutation { register(input: {}) { accessToken } }").await, "whatever it asks");
        assert_refused(&bob.gql("nonsense").await, "whatever it asks");
    })
    .await;
}

#[tokio::test]
async fn without_a_signature_of_the_servers_key_is_refused() {
    each(async |server| {
        let bob = server.user("bob").await;
        let token = bob.token.clone().unwrap();
        let (header, claims) = parts(&token);
        let (start, signature) = token.rsplit_once('.').unwrap();
        for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "ES384", "RS256", "es256"] {
            let start = format!("{}.{}", encode(&with(&header, "alg", Some(json!(alg)))), encode(&claims));
            refuses(&bob, &format!("{start}."), alg).await;
            refuses(&bob, &format!("{start}.{signature}"), alg).await;
        }
        refuses(&bob, &format!("{start}.{}", URL_SAFE_NO_PAD.encode([0; 64])), "a signature of zeros").await;
        let admin = with(&claims, "roles", Some(json!(["admin"])));
        refuses(&bob, &format!("{}.{}.{signature}", encode(&header), encode(&admin)), "other claims").await;

        // The public key, in every form one finds it in, as the secret of an HMAC.
        let url = server.url("/.well-known/jwks.json");
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        let jwks: Value = serde_json::from_str(&text).unwrap();
        let key = &jwks["keys"][0];
        let point = ["x", "y"].map(|it| URL_SAFE_NO_PAD.decode(key[it].as_str().unwrap()).unwrap()).concat();
        let confused = with(&header, "alg", Some(json!("HS256")));
        for secret in
            [text.clone().into_bytes(), key.to_string().into_bytes(), point.clone(), [vec![4], point].concat(), vec![]]
        {
            refuses(&bob, &signed(&confused, &claims, &secret), "the public key as a secret").await;
        }
        for (name, value) in [
            ("kid", json!("unknown")),
            ("kid", json!("../../../../dev/null")),
            ("kid", json!("' UNION SELECT 'x")),
            ("kid", json!(1)),
            ("jwk", key.clone()),
            ("jku", json!("https://attacker.example/jwks.json")),
        ] {
            let changed = with(&header, name, Some(value));
            refuses(&bob, &format!("{}.{}.{signature}", encode(&changed), encode(&claims)), name).await;
        }
    })
    .await;
}

#[tokio::test]
async fn with_a_signature_must_say_all_of_what_is_required() {
    database::each_owned(async |database| {
        let server = Server::on(database, sharing_a_secret()).await;
        let (bob, ann) = (server.user("bob").await, server.user("ann").await);
        let (header, claims) = parts(bob.token.as_deref().unwrap());
        let (_, of_ann) = parts(ann.token.as_deref().unwrap());
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
            refuses(&bob, &sign(&with(&header, name, value.clone()), &claims), &format!("{name} {value:?}")).await;
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
            ("sub", Some(of_ann["sub"].clone())),
            ("sub", Some(json!("01890000-0000-7000-8000-000000000000"))),
            ("sub", Some(json!("' OR 1=1 --"))),
            ("sid", None),
            ("sid", Some(of_ann["sid"].clone())),
            ("sid", Some(claims["sub"].clone())),
        ] {
            refuses(&bob, &sign(&header, &with(&claims, name, value.clone())), &format!("{name} {value:?}")).await;
        }
        for claims in [json!([]), json!(null), json!("x"), json!({})] {
            refuses(&bob, &sign(&header, &claims), &claims.to_string()).await;
        }
    })
    .await;
}

#[tokio::test]
async fn tells_nothing_of_rights() {
    database::each_owned(async |database| {
        let server = Server::on(database, sharing_a_secret()).await;
        let bob = server.user("bob").await;
        let (header, claims) = parts(bob.token.as_deref().unwrap());
        let admin = with(&with(&claims, "roles", Some(json!(["admin"]))), "scope", Some(json!("users:read")));
        let forged = bob.bearing(&signed(&header, &admin, SECRET.as_bytes()));
        assert_eq!(forged.gql("{ admin { message } }").await.codes(), ["FORBIDDEN"]);
        let me = forged.gql("{ me { roles { name } permissions } }").await.ok();
        assert_eq!(me.at("/data/me"), &json!({ "roles": [{ "name": "user" }], "permissions": [] }));
    })
    .await;
}

#[tokio::test]
async fn of_endless_length_is_refused_at_once() {
    each(async |server| {
        let bob = server.user("bob").await;
        for token in [".".repeat(9_000), "a.".repeat(4_500), "a".repeat(9_000), format!("{}.e30.AA", "A".repeat(8_200))]
        {
            refuses(&bob, &token, "endless").await;
        }
        bob.gql("{ me { id } }").await.ok();
    })
    .await;
}

/// A head of that size is refused before anybody looks at the token in it, and the client may hear of it or be hung up on; what
/// it asked is not run. The time is one that only work which grows with the square of the size would need.
#[tokio::test]
async fn of_a_megabyte_is_refused_before_it_is_read() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = Server::start().await;
    let began = std::time::Instant::now();
    for token in [".".repeat(1_000_000), "a.".repeat(500_000)] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             authorization: Bearer {token}\r\n\r\n",
            PUBLIC_BODY.len()
        );
        // The server may hang up before it has all of it.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(PUBLIC_BODY.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    server.user("bob").await.gql("{ me { id } }").await.ok();
}
