//! A service of your own that trusts Fieldguard's access tokens. It fetches Fieldguard's public keys, and asks it nothing else.
//!
//!     cargo run --example verifier -- http://127.0.0.1:4000
//!     curl http://127.0.0.1:5000/report -H "authorization: Bearer $TOKEN"
//!
//! The argument is what `fieldguard issuer show` prints. For an issuer with HTTPS, add the feature `rustls` to reqwest.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::FromRequestParts,
    http::{
        StatusCode,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
        request::Parts,
    },
    response::{IntoResponse, Response},
    routing::get,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde::Deserialize;
use tokio::sync::Mutex;

/// How long fetched keys are used. A retired key is accepted no longer than that.
const KEYS_LIFETIME: Duration = Duration::from_mins(1);

/// The pause between two fetches, however many tokens name an unknown key.
const FETCH_PAUSE: Duration = Duration::from_secs(1);

/// Verifies access tokens of one issuer.
pub struct Verifier {
    keys_url: String,
    validation: Validation,
    client: reqwest::Client,
    keys: Mutex<Option<(Instant, JwkSet)>>,
}

/// What a verified token says. The permissions are those of the time when it was created.
#[derive(Deserialize)]
pub struct Claims {
    sub: String,
    /// Missing where the user has no permission.
    #[serde(default)]
    scope: String,
}

/// Why a request is refused.
pub enum Refusal {
    /// The token is missing or invalid.
    Token,
    /// The token lacks a permission.
    Permission,
    /// The keys cannot be fetched.
    Keys,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Token => (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response(),
            Self::Permission => {
                (StatusCode::FORBIDDEN, [(WWW_AUTHENTICATE, r#"Bearer error="insufficient_scope""#)]).into_response()
            }
            Self::Keys => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

impl Verifier {
    /// A verifier of the tokens of `issuer`, whose keys are at `keys_url`.
    #[must_use]
    pub fn new(issuer: &str, keys_url: String) -> Self {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&["fieldguard"]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        validation.validate_nbf = true;
        validation.leeway = 5;
        Self { keys_url, validation, client: reqwest::Client::new(), keys: Mutex::default() }
    }

    async fn verify(&self, token: &str) -> Result<Claims, Refusal> {
        let header = decode_header(token).map_err(|_| Refusal::Token)?;
        if header.typ.as_deref() != Some("at+jwt") {
            return Err(Refusal::Token);
        }
        let key = self.key(&header.kid.ok_or(Refusal::Token)?).await?;
        Ok(decode(token, &key, &self.validation).map_err(|_| Refusal::Token)?.claims)
    }

    /// The key with this id. An unknown id may be that of a new key, so the keys are fetched again.
    async fn key(&self, kid: &str) -> Result<DecodingKey, Refusal> {
        let mut keys = self.keys.lock().await;
        let is_current = keys.as_ref().is_some_and(|(fetched, keys)| {
            fetched.elapsed() < if keys.find(kid).is_some() { KEYS_LIFETIME } else { FETCH_PAUSE }
        });
        if !is_current {
            *keys = Some((Instant::now(), self.fetch().await.map_err(|_| Refusal::Keys)?));
        }
        let key = keys.as_ref().and_then(|(_, keys)| keys.find(kid)).ok_or(Refusal::Token)?;
        DecodingKey::from_jwk(key).map_err(|_| Refusal::Token)
    }

    async fn fetch(&self) -> reqwest::Result<JwkSet> {
        let request = self.client.get(&self.keys_url).timeout(Duration::from_secs(2));
        request.send().await?.error_for_status()?.json().await
    }
}

impl Claims {
    fn require(&self, permission: &str) -> Result<(), Refusal> {
        self.scope.split(' ').any(|held| held == permission).then_some(()).ok_or(Refusal::Permission)
    }
}

impl FromRequestParts<Arc<Verifier>> for Claims {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, verifier: &Arc<Verifier>) -> Result<Self, Refusal> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        verifier.verify(header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Refusal::Token)?).await
    }
}

async fn report(claims: Claims) -> Result<String, Refusal> {
    claims.require("users:read")?;
    Ok(format!("A report for {}.\n", claims.sub))
}

/// The routes of this service.
pub fn router(verifier: Verifier) -> Router {
    Router::new().route("/report", get(report)).with_state(Arc::new(verifier))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let issuer = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:4000".to_owned());
    let verifier = Verifier::new(&issuer, format!("{issuer}/.well-known/jwks.json"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:5000").await?;
    axum::serve(listener, router(verifier)).await
}
