//! Attacks on token verification: every case of RFC 8725 and of published vulnerabilities we know.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm as Jose, EncodingKey, crypto::sign};
use serde_json::{Value, json};

use super::TokenError;
use crate::{
    keys::{Algorithm, Key, KeySet, generate_es256},
    token::{TokenSettings, Tokens},
};

const NOW: i64 = 1_800_000_000;
const ID: &str = "0190a000-0000-7000-8000-000000000001";

/// A server, its key, and the claims of a valid token.
struct Case {
    tokens: Tokens,
    key: Key,
}

impl Case {
    fn new() -> Self {
        let key = Key::from_pem(Algorithm::Es256, &generate_es256()).unwrap();
        let settings = TokenSettings {
            issuer: "https://id.example".to_owned(),
            audience: "fieldguard".to_owned(),
            lifetime: TimeDelta::minutes(15),
        };
        Self { tokens: Tokens::new(KeySet::new(key.clone()), settings), key }
    }

    fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": "ES256", "kid": self.key.kid() })
    }

    fn verify(&self, token: &str) -> Result<(), TokenError> {
        self.verify_at(token, NOW)
    }

    fn verify_at(&self, token: &str, seconds: i64) -> Result<(), TokenError> {
        let now: DateTime<Utc> = DateTime::from_timestamp(seconds, 0).unwrap();
        self.tokens.verify(token, now).map(|_| ())
    }

    /// Signs any header and claims with the server's key.
    fn signed(&self, header: &str, claims: &str) -> String {
        let message = message(header, claims);
        let signature = sign(message.as_bytes(), self.key.encoding(), Jose::ES256).unwrap();
        format!("{message}.{signature}")
    }

    /// A valid token with the claim `name` set to `value`, or removed.
    fn with_claim(&self, name: &str, value: Option<Value>) -> String {
        self.signed(&self.header().to_string(), &with(claims(), name, value).to_string())
    }

    fn with_header(&self, name: &str, value: Option<Value>) -> String {
        self.signed(&with(self.header(), name, value).to_string(), &claims().to_string())
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example", "aud": "fieldguard", "sub": ID, "sid": ID, "jti": "0.1",
        "iat": NOW, "nbf": NOW, "exp": NOW + 900, "roles": ["user"], "scope": "",
    })
}

fn with(mut object: Value, name: &str, value: Option<Value>) -> Value {
    let members = object.as_object_mut().unwrap();
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    object
}

fn message(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn a_valid_token_is_accepted() {
    let case = Case::new();
    assert_eq!(case.verify(&case.signed(&case.header().to_string(), &claims().to_string())), Ok(()));
    assert_eq!(case.verify(&case.with_claim("aud", Some(json!(["other", "fieldguard"])))), Ok(()));
    assert_eq!(case.verify(&case.with_header("typ", Some(json!("application/AT+jwt")))), Ok(()));
}

#[test]
fn an_unsigned_token_is_refused() {
    let case = Case::new();
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        let message = message(&with(case.header(), "alg", Some(json!(alg))).to_string(), &claims().to_string());
        assert_eq!(case.verify(&format!("{message}.")), Err(TokenError::Malformed), "{alg}");
        assert_eq!(case.verify(&format!("{message}.AA")), Err(TokenError::Algorithm), "{alg}");
        assert_eq!(case.verify(&case.with_header("alg", Some(json!(alg)))), Err(TokenError::Algorithm), "{alg}");
    }
}

#[test]
fn an_algorithm_other_than_the_keys_is_refused() {
    let case = Case::new();
    for alg in ["HS256", "RS256", "EdDSA", "ES384", "ES512", "PS256", "es256", "ES256 "] {
        assert_eq!(case.verify(&case.with_header("alg", Some(json!(alg)))), Err(TokenError::Algorithm), "{alg}");
    }
    for alg in [None, Some(json!(null)), Some(json!(["ES256"])), Some(json!(7))] {
        assert_eq!(case.verify(&case.with_header("alg", alg)), Err(TokenError::Header));
    }
}

#[test]
fn the_public_key_as_an_hmac_secret_is_refused() {
    let case = Case::new();
    let jwks = case.tokens.keys().jwks(DateTime::UNIX_EPOCH);
    let point =
        ["x", "y"].map(|name| URL_SAFE_NO_PAD.decode(jwks["keys"][0][name].as_str().unwrap()).unwrap()).concat();
    for secret in [jwks["keys"][0].to_string().into_bytes(), [vec![4], point.clone()].concat(), point] {
        for alg in ["HS256", "ES256"] {
            let header = with(case.header(), "alg", Some(json!(alg))).to_string();
            let message = message(&header, &claims().to_string());
            let signature = sign(message.as_bytes(), &EncodingKey::from_secret(&secret), Jose::HS256).unwrap();
            assert!(case.verify(&format!("{message}.{signature}")).is_err(), "{alg}");
        }
    }
}

#[test]
fn an_unknown_key_is_refused() {
    let case = Case::new();
    for kid in
        ["", "x", "../../../dev/null", "/dev/null", "' OR 1=1 --", "http://evil.example/jwks", "\0", &"k".repeat(4_000)]
    {
        assert_eq!(case.verify(&case.with_header("kid", Some(json!(kid)))), Err(TokenError::UnknownKey), "{kid:.40}");
    }
    for kid in [None, Some(json!(null)), Some(json!(7)), Some(json!([case.key.kid()]))] {
        assert_eq!(case.verify(&case.with_header("kid", kid)), Err(TokenError::Header));
    }
    let stranger = Case::new();
    let forged = stranger.signed(&case.header().to_string(), &claims().to_string());
    assert_eq!(case.verify(&forged), Err(TokenError::Signature));
}

#[test]
fn embedded_keys_and_extensions_are_refused() {
    let case = Case::new();
    for name in ["jku", "jwk", "x5u", "x5c", "crit"] {
        for value in [json!(null), json!([]), json!(["exp"]), json!({}), json!("https://evil.example")] {
            assert_eq!(case.verify(&case.with_header(name, Some(value))), Err(TokenError::Header), "{name}");
        }
    }
}

#[test]
fn another_type_of_jwt_is_refused() {
    let case = Case::new();
    for typ in [
        None,
        Some(json!("JWT")),
        Some(json!("")),
        Some(json!(null)),
        Some(json!("id+jwt")),
        Some(json!("text/at+jwt")),
        Some(json!(1)),
    ] {
        assert_eq!(case.verify(&case.with_header("typ", typ)), Err(TokenError::Header));
    }
}

#[test]
fn missing_and_mistyped_claims_are_refused() {
    let case = Case::new();
    for name in ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"] {
        for value in [None, Some(json!(null)), Some(json!({})), Some(json!(true)), Some(json!([1])), Some(json!([[]]))]
        {
            assert_eq!(case.verify(&case.with_claim(name, value)), Err(TokenError::Claims), "{name}");
        }
    }
    for name in ["iat", "nbf", "exp"] {
        for text in ["\"1800000000\"", "1800000000.0", "1.8e9", "99999999999999999999", "1e400", "-1e3"] {
            let claims =
                claims().to_string().replacen(&format!("\"{name}\":"), &format!("\"{name}\":{text},\"x\":"), 1);
            let token = case.signed(&case.header().to_string(), &claims);
            assert_eq!(case.verify(&token), Err(TokenError::Claims), "{name} {text}");
        }
    }
    for (name, value) in [
        ("sub", ""),
        ("sub", "1"),
        ("sid", "x"),
        ("sub", &ID.to_uppercase()),
        ("sub", "admin"),
        ("jti", ""),
        ("jti", "1"),
        ("jti", "x.1"),
        ("jti", "-1.1"),
    ] {
        assert_eq!(case.verify(&case.with_claim(name, Some(json!(value)))), Err(TokenError::Claims), "{name} {value}");
    }
    assert_eq!(case.verify(&case.with_claim("exp", Some(json!(i64::MAX)))), Err(TokenError::Claims));
}

#[test]
fn duplicate_names_are_refused() {
    let case = Case::new();
    let twice = claims().to_string().replacen('{', "{\"sub\":\"0190a000-0000-7000-8000-000000000002\",", 1);
    assert_eq!(case.verify(&case.signed(&case.header().to_string(), &twice)), Err(TokenError::Claims));
    let twice = case.header().to_string().replacen('{', "{\"alg\":\"none\",", 1);
    assert_eq!(case.verify(&case.signed(&twice, &claims().to_string())), Err(TokenError::Header));
}

#[test]
fn another_issuer_or_audience_is_refused() {
    let case = Case::new();
    for value in ["", "https://id.example/", "https://ID.example", "https://id.example.evil", "fieldguard"] {
        assert_eq!(case.verify(&case.with_claim("iss", Some(json!(value)))), Err(TokenError::Issuer), "{value}");
    }
    for value in
        [json!(""), json!("Fieldguard"), json!("fieldguard2"), json!([]), json!(["other"]), json!("other fieldguard")]
    {
        assert_eq!(case.verify(&case.with_claim("aud", Some(value.clone()))), Err(TokenError::Audience), "{value}");
    }
}

#[test]
fn expired_and_early_tokens_are_refused() {
    let case = Case::new();
    let token = case.signed(&case.header().to_string(), &claims().to_string());
    for (seconds, expected) in [
        (NOW - 6, Err(TokenError::Early)),
        (NOW - 5, Ok(())),
        (NOW + 900, Ok(())),
        (NOW + 904, Ok(())),
        (NOW + 905, Err(TokenError::Expired)),
        (NOW + 1_000_000, Err(TokenError::Expired)),
    ] {
        assert_eq!(case.verify_at(&token, seconds), expected, "{}", seconds - NOW);
    }
    assert_eq!(case.verify(&case.with_claim("nbf", Some(json!(NOW + 6)))), Err(TokenError::Early));
    assert_eq!(case.verify(&case.with_claim("iat", Some(json!(NOW + 6)))), Err(TokenError::Early));
    for expired in [0, -1, i64::MIN] {
        assert_eq!(case.verify(&case.with_claim("exp", Some(json!(expired)))), Err(TokenError::Expired));
    }
}

#[test]
fn a_changed_token_is_refused() {
    let case = Case::new();
    let token = case.signed(&case.header().to_string(), &claims().to_string());
    for index in 0..token.len() {
        let replacement = if token.as_bytes()[index] == b'A' { "B" } else { "A" };
        let changed = format!("{}{replacement}{}", &token[..index], &token[index + 1..]);
        assert!(case.verify(&changed).is_err(), "{index}");
    }
    for end in 0..token.len() {
        assert!(case.verify(&token[..end]).is_err(), "{end}");
    }
    for changed in
        [format!("{token}A"), format!("{token}="), format!("{token}."), format!("{token}.e30"), format!(" {token}")]
    {
        assert!(case.verify(&changed).is_err());
    }
}

#[test]
fn a_signature_has_one_spelling() {
    // 64 bytes leave four unused bits in the last character. Setting one must not give a second valid token.
    let case = Case::new();
    let token = case.signed(&case.header().to_string(), &claims().to_string());
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (start, last) = token.split_at(token.len() - 1);
    let passing: Vec<char> = alphabet.chars().filter(|c| case.verify(&format!("{start}{c}")).is_ok()).collect();
    assert_eq!(passing, last.chars().collect::<Vec<_>>());
    let zeros = format!("{}.{}", &token[..token.rfind('.').unwrap()], URL_SAFE_NO_PAD.encode([0; 64]));
    assert_eq!(case.verify(&zeros), Err(TokenError::Signature));
}

#[test]
fn oversized_and_deeply_nested_tokens_are_refused() {
    let case = Case::new();
    for text in
        [".".repeat(1_000_000), "a".repeat(1_000_000), "a.".repeat(500_000), format!("{}.e30.AA", "[".repeat(8_000))]
    {
        assert_eq!(case.verify(&text), Err(TokenError::Malformed));
    }
    let nested = case.signed(&case.header().to_string(), &format!("{{\"x\":{}", "[".repeat(3_000)));
    assert_eq!(case.verify(&nested), Err(TokenError::Claims));
    let nested = case.signed(&"[".repeat(3_000), "{}");
    assert_eq!(case.verify(&nested), Err(TokenError::Header));
}
