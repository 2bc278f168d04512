//! Access tokens: JWTs (RFC 7519) in the profile of RFC 9068, with the checks of RFC 8725.
//!
//! A token proves who signed in, for a few minutes. `roles` and `scope` are for other services; this server reads only
//! `sub` and `sid` and loads the rest from the store. This module does not revoke tokens.

mod cache;
mod claims;
mod compact;
mod verify;

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::Header;
use serde_json::{Map, Value};
use uuid::Uuid;

pub use self::verify::{TokenError, Verified};
use self::{cache::TokenCache, claims::Outgoing};
use super::keys::KeySet;
use fieldguard_domain::{
    authentication::{AuthenticationMethod, Methods},
    id::{SessionId, UserId},
    measure::CacheUse,
    role::RoleName,
};

/// The media type of access tokens (RFC 9068, section 2.1). It prevents the use of other JWTs as access tokens.
const TYPE: &str = "at+jwt";

/// The client that requests all tokens (RFC 9068, section 2.2): the sign-in of this server. Other clients can't
/// register. No user can have it as an id, so a token of a user can't be taken for one of the client itself.
const CLIENT_ID: &str = "fieldguard";

/// How far `iat` and `nbf` lie before the time of issue, in seconds. Half of the common libraries accept no token from
/// the future unless told to, and the clocks of two machines always differ.
const BACKDATED: i64 = 30;

/// The issuer, the audience and the lifetime of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSettings {
    /// `iss`: the name of this server.
    pub issuer: String,
    /// `aud`: the name of the services that accept the tokens.
    pub audience: String,
    /// The time from issue to expiry, in whole seconds.
    pub lifetime: TimeDelta,
}

/// How long a key must verify after another key began to sign: until its last token, valid for `lifetime`, has expired,
/// including clock differences. `late` is the time until the last server signs with the other key.
#[must_use]
pub fn keys_outlive(lifetime: TimeDelta, late: TimeDelta) -> TimeDelta {
    lifetime + TimeDelta::seconds(verify::LEEWAY) + late
}

/// The user and session of a new token.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The user.
    pub user: UserId,
    /// The user's session.
    pub session: SessionId,
    /// The generation of the refresh token issued with it.
    pub generation: u32,
    /// The user's roles, for other services.
    pub roles: &'a [RoleName],
    /// The user's permissions, for other services.
    pub scope: &'a [String],
    /// When the user last proved who they are, `auth_time` (`OpenID` Connect Core, section 2).
    pub authenticated_at: DateTime<Utc>,
    /// The methods by which the user proved it, `amr` (RFC 8176).
    pub methods: Methods,
    /// Further claims, for other services. None has the name of a claim that this module sets.
    pub claims: &'a Map<String, Value>,
}

/// A new token.
pub struct Issued {
    /// The token in compact form.
    pub token: String,
    /// The time of expiry.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Issues and verifies access tokens. Clones share their keys.
#[derive(Debug, Clone)]
pub struct Tokens {
    current: Arc<RwLock<Arc<Current>>>,
    cache_use: Arc<CacheUse>,
    settings: TokenSettings,
}

/// Keys, and the tokens verified with them. Both are replaced together, so that a token is not remembered longer than
/// its key.
#[derive(Debug)]
struct Current {
    keys: KeySet,
    cache: TokenCache,
}

impl Tokens {
    /// Tokens signed and verified with `keys`.
    #[must_use]
    pub fn new(keys: KeySet, settings: TokenSettings) -> Self {
        let current = Arc::new(RwLock::new(Arc::new(Current::new(keys))));
        Self { current, cache_use: Arc::default(), settings }
    }

    /// The current keys.
    #[must_use]
    pub fn keys(&self) -> KeySet {
        self.current().keys.clone()
    }

    /// Signs and verifies with `keys` from now on. A token of any other key becomes invalid.
    pub fn replace_keys(&self, keys: KeySet) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Current::new(keys));
    }

    /// The issuer, the audience and the lifetime of tokens.
    #[must_use]
    pub const fn settings(&self) -> &TokenSettings {
        &self.settings
    }

    /// How often a token was in the cache of verified tokens.
    #[must_use]
    pub fn cache_use(&self) -> &CacheUse {
        &self.cache_use
    }

    fn current(&self) -> Arc<Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Issues a token at `now`, valid from 30 seconds before.
    ///
    /// # Panics
    ///
    /// If the key cannot sign, which is checked when it is loaded.
    #[must_use]
    pub fn issue(&self, subject: &Subject<'_>, now: DateTime<Utc>) -> Issued {
        let expires_at = now.timestamp().saturating_add(self.settings.lifetime.num_seconds());
        let valid_from = now.timestamp().saturating_sub(BACKDATED);
        let claims = Outgoing {
            iss: &self.settings.issuer,
            aud: &self.settings.audience,
            sub: subject.user.to_string(),
            client_id: CLIENT_ID,
            sid: subject.session.to_string(),
            jti: format!("{}.{}", subject.generation, Uuid::from_bytes(super::random()).simple()),
            iat: valid_from,
            nbf: valid_from,
            exp: expires_at,
            auth_time: subject.authenticated_at.timestamp(),
            amr: subject.methods.iter().map(AuthenticationMethod::amr).collect(),
            roles: subject.roles.iter().map(RoleName::as_str).collect(),
            scope: subject.scope.join(" "),
            claims: subject.claims,
        };
        let current = self.current();
        let key = current.keys.signing_key();
        let mut header = Header::new(key.algorithm().jose());
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid().to_owned());
        let token = jsonwebtoken::encode(&header, &claims, key.encoding())
            .expect("the key was read in full when it was loaded, so it signs");
        Issued { token, expires_at: DateTime::from_timestamp(expires_at, 0).unwrap_or(now) }
    }

    /// Verifies a token that came with a request at `now`.
    ///
    /// # Errors
    ///
    /// [`TokenError`], for the log. A client learns only that its token is invalid.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, TokenError> {
        let current = self.current();
        let proven = current
            .cache
            .get_or_prove(token, &self.cache_use, || verify::prove(&current.keys, &self.settings, token, now))?;
        proven.at(now)
    }
}

impl Current {
    fn new(keys: KeySet) -> Self {
        Self { keys, cache: TokenCache::default() }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;
    use crate::keys::{Algorithm, Key, generate_es256, samples};

    fn signing_with(keys: KeySet) -> Tokens {
        let (issuer, audience) = ("http://localhost".to_owned(), "fieldguard".to_owned());
        Tokens::new(keys, TokenSettings { issuer, audience, lifetime: TimeDelta::minutes(15) })
    }

    /// A user without roles.
    const fn bare(user: UserId, session: SessionId, claims: &Map<String, Value>) -> Subject<'_> {
        let (authenticated_at, methods) = (DateTime::UNIX_EPOCH, Methods::PASSWORD);
        Subject { user, session, generation: 0, roles: &[], scope: &[], authenticated_at, methods, claims }
    }

    #[test]
    fn every_algorithm_signs_and_verifies() {
        let now = DateTime::from_timestamp(1_800_000_000, 999_000_000).unwrap();
        for keys in [
            KeySet::from_pem(Algorithm::Es256, &generate_es256()).unwrap(),
            KeySet::from_pem(Algorithm::Rs256, &samples::rsa()).unwrap(),
            KeySet::from_pem(Algorithm::EdDsa, &samples::ed25519()).unwrap(),
            KeySet::hmac(&[7; 32]).unwrap(),
        ] {
            let (user, session) = (UserId::new(now), SessionId::new(now));
            let tokens = signing_with(keys);
            let roles = [RoleName::parse("user").unwrap(), RoleName::parse("admin").unwrap()];
            let scope = ["users:read".to_owned(), "roles:read".to_owned()];
            let issued = tokens.issue(
                &Subject { generation: 7, roles: &roles, scope: &scope, ..bare(user, session, &Map::new()) },
                now,
            );
            let verified = tokens.verify(&issued.token, now).unwrap();
            assert_eq!((verified.user, verified.session), (user, session));
            assert_eq!(verified.expires_at, issued.expires_at);
            assert_eq!(issued.expires_at.timestamp(), 1_800_000_900);

            let parts: Vec<Value> = issued.token.split('.').take(2).map(decode).collect();
            let keys = tokens.keys();
            let key = keys.signing_key();
            assert_eq!(parts[0], json!({ "typ": "at+jwt", "alg": key.algorithm().name(), "kid": key.kid() }));
            let mut claims = parts[1].as_object().unwrap().clone();
            let jti = claims.remove("jti").unwrap();
            assert_eq!(jti.as_str().unwrap().strip_prefix("7.").unwrap().len(), 32);
            assert_eq!(verified.generation, 7);
            assert_eq!(
                Value::Object(claims),
                json!({
                    "iss": "http://localhost", "aud": "fieldguard", "sub": user.to_string(), "sid": session.to_string(),
                    "client_id": "fieldguard", "iat": 1_799_999_970, "nbf": 1_799_999_970, "exp": 1_800_000_900,
                    "roles": ["user", "admin"], "scope": "users:read roles:read", "auth_time": 0, "amr": ["pwd"],
                })
            );
            assert!(!format!("{issued:?}").contains(&issued.token));
        }
    }

    #[test]
    fn empty_claims_are_left_out() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let tokens = signing_with(KeySet::hmac(&[7; 32]).unwrap());
        let (user, session) = (UserId::new(now), SessionId::new(now));
        let issued = tokens.issue(&bare(user, session, &Map::new()), now);
        let claims = decode(issued.token.split('.').nth(1).unwrap());
        let names: Vec<_> = claims.as_object().unwrap().keys().collect();
        assert_eq!(names, ["amr", "aud", "auth_time", "client_id", "exp", "iat", "iss", "jti", "nbf", "sid", "sub"]);
    }

    #[test]
    fn a_cached_token_expires() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let tokens = signing_with(KeySet::hmac(&[7; 32]).unwrap());
        let (user, session) = (UserId::new(now), SessionId::new(now));
        let token = tokens.issue(&bare(user, session, &Map::new()), now).token;
        for (seconds, expected) in [
            (0, Ok(user)),
            (904, Ok(user)),
            (905, Err(TokenError::Expired)),
            (-35, Ok(user)),
            (-36, Err(TokenError::Early)),
        ] {
            let verified = tokens.verify(&token, now + TimeDelta::seconds(seconds));
            assert_eq!(verified.map(|verified| verified.user), expected, "after {seconds} s");
        }
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = if let Some(rest) = signature.strip_prefix('A') {
            format!("B{rest}")
        } else {
            format!("A{}", &signature[1..])
        };
        let other = format!("{signed}.{other}");
        assert_eq!(tokens.verify(&other, now), Err(TokenError::Signature), "another signature is another token");
    }

    #[test]
    fn a_cached_token_expires_with_its_key() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let [former, new] = [(); 2].map(|()| Key::from_pem(Algorithm::Es256, &generate_es256()).unwrap());
        let tokens = signing_with(KeySet::new(former.clone()));
        let (user, session) = (UserId::new(now), SessionId::new(now));
        let token = tokens.issue(&bare(user, session, &Map::new()), now).token;
        let verify = |seconds| tokens.verify(&token, now + TimeDelta::seconds(seconds)).map(|verified| verified.user);
        assert_eq!(verify(0), Ok(user));

        let until = now + TimeDelta::seconds(100);
        tokens.replace_keys(KeySet::new(new.clone()).and_verify(former.verifier().clone(), Some(until)));
        assert_eq!((verify(99), verify(100)), (Ok(user), Err(TokenError::Expired)), "cached");
        tokens.replace_keys(KeySet::new(new.clone()).and_verify(former.verifier().clone(), Some(until)));
        assert_eq!((verify(100), verify(99)), (Err(TokenError::UnknownKey), Ok(user)), "not cached");
        tokens.replace_keys(KeySet::new(new));
        assert_eq!(verify(0), Err(TokenError::UnknownKey));
    }

    fn decode(part: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }
}
