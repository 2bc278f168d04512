//! What is written into tokens and read out of them, in JSON. Types are exact: a time is an integer, not a text nor a
//! fraction, and a name that is there twice is refused. Whether the values are right is [`super::verify`]'s to say.

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

/// The claims of a new token.
#[derive(Serialize)]
pub(super) struct Outgoing<'a> {
    pub(super) iss: &'a str,
    pub(super) aud: &'a str,
    pub(super) sub: String,
    pub(super) sid: String,
    pub(super) jti: String,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) roles: Vec<&'a str>,
    /// Separated by spaces (RFC 8693, section 4.2).
    pub(super) scope: String,
}

/// The claims of a presented token that this server looks at; each has to be there.
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
            Self::Several(several) => several.iter().any(|it| it == name),
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
    /// Does it bring a key or the place of one, or an extension one has to understand? None is understood, and keys come
    /// from nowhere but the fixed set.
    pub(super) const fn asks_for_more(&self) -> bool {
        self.crit.0 || self.jku.0 || self.jwk.0 || self.x5u.0 || self.x5c.0
    }
}

/// Is a member there, whatever its value, `null` included?
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}
