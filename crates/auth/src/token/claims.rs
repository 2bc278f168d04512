//! The claims of tokens in JSON. Types are exact: a time is an integer, not a string or a fraction, and a duplicate
//! name is refused. [`super::verify`] checks the values.

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use serde_json::{Map, Value};

/// The claims of a new token.
#[derive(Serialize)]
pub(super) struct Outgoing<'a> {
    pub(super) iss: &'a str,
    pub(super) aud: &'a str,
    pub(super) sub: String,
    pub(super) client_id: &'a str,
    pub(super) sid: String,
    pub(super) jti: String,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) auth_time: i64,
    pub(super) amr: Vec<&'static str>,
    /// Left out if empty, as `scope` is: Authlib refuses empty claims.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) roles: Vec<&'a str>,
    /// Separated by spaces (RFC 8693, section 4.2). A scope has at least one word (RFC 6749, section 3.3).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) scope: String,
    #[serde(flatten)]
    pub(super) claims: &'a Map<String, Value>,
}

/// The claims of a presented token that this server reads. All are required.
#[derive(Deserialize)]
pub(super) struct Incoming {
    pub(super) iss: String,
    pub(super) aud: Audience,
    pub(super) sub: String,
    pub(super) sid: String,
    pub(super) jti: String,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
}

/// One name or several (RFC 7519, section 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    pub(super) fn names(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Several(several) => several.iter().any(|audience| audience == name),
        }
    }
}

/// The header of a presented token.
#[derive(Deserialize)]
pub(super) struct IncomingHeader {
    pub(super) alg: String,
    pub(super) typ: String,
    pub(super) kid: String,
    #[serde(default)]
    crit: Present,
    #[serde(default)]
    jku: Present,
    #[serde(default)]
    jwk: Present,
    #[serde(default)]
    x5u: Present,
    #[serde(default)]
    x5c: Present,
}

impl IncomingHeader {
    /// Whether the header contains a key, the location of a key, or a critical extension. None is supported: keys come
    /// only from the fixed set.
    pub(super) const fn has_unsupported_members(&self) -> bool {
        self.crit.0 || self.jku.0 || self.jwk.0 || self.x5u.0 || self.x5c.0
    }
}

/// Whether a member is present, whatever its value, `null` included.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}
