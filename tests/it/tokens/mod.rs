//! Access tokens in requests: an invalid token rejects the whole request. The request does not run as anonymous.

mod claims;
mod header;
mod length;
mod lifetime;
mod profile_claims;
mod signature;

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use crate::actor::{Actor, Answer};

/// A document that needs no authentication.
const PUBLIC: &str = "{ serverInfo { version } }";

#[track_caller]
fn assert_refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 401, "{why}: {answer:#?}");
    assert_eq!(answer.headers[WWW_AUTHENTICATE], r#"Bearer error="invalid_token""#, "{why}");
    assert_eq!(answer.codes(), ["UNAUTHENTICATED"], "{why}");
    assert!(answer.json.get("data").is_none(), "{why}: the operation ran");
}

async fn assert_token_refused(actor: &Actor, token: &str, why: &str) {
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

/// A copy of the object with the member set or removed.
fn with(object: &Value, name: &str, value: Option<Value>) -> Value {
    let mut members: BTreeMap<String, Value> = serde_json::from_value(object.clone()).unwrap();
    members.remove(name);
    members.extend(value.map(|value| (name.to_owned(), value)));
    json!(members)
}
