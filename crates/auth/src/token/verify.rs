//! The checks a presented token has to pass, all of them, in the order of their cost. The signature is checked before a
//! claim is read.

use chrono::{DateTime, Utc};

use super::{
    TYPE, TokenSettings,
    claims::{Incoming, IncomingHeader},
    compact::Compact,
};
use crate::keys::{KeySet, Verifier};
use fieldguard_domain::id::{SessionId, UserId};

/// How far clocks of different machines may differ, in seconds.
pub(super) const LEEWAY: i64 = 5;

/// What a valid token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whom it is for.
    pub user: UserId,
    /// The sign-in it came of.
    pub session: SessionId,
    /// The generation of the refresh token that it came with.
    pub generation: u32,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Why a token is not valid. It holds nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It has not the form of a signed JWT.
    #[error("the token is not a signed JWT in compact form")]
    Malformed,
    /// Its header lacks something, says it is not an access token, or asks for more than is understood.
    #[error("the token's header is not that of an access token")]
    Header,
    /// No key of the set has its `kid`.
    #[error("the token was signed with an unknown key")]
    UnknownKey,
    /// It names another algorithm than its key's.
    #[error("the token's algorithm is not its key's")]
    Algorithm,
    /// The signature is not its key's over this content.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, there twice, or of another type or form.
    #[error("the token's claims are incomplete or of the wrong type")]
    Claims,
    /// Another server issued it.
    #[error("the token has another issuer")]
    Issuer,
    /// It is meant for others.
    #[error("the token is for another audience")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    Early,
}

/// What a token says that was issued here, whatever the time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proven {
    user: UserId,
    session: SessionId,
    generation: u32,
    expires: i64,
    not_before: i64,
}

impl Proven {
    /// The token at `now`, in whole seconds on both sides. It is valid until the second it names, and five more.
    pub(super) fn at(self, now: DateTime<Utc>) -> Result<Verified, TokenError> {
        let now = now.timestamp();
        if self.expires <= now - LEEWAY {
            return Err(TokenError::Expired);
        }
        if self.not_before > now + LEEWAY {
            return Err(TokenError::Early);
        }
        let expires_at = DateTime::from_timestamp(self.expires, 0).ok_or(TokenError::Claims)?;
        Ok(Verified { user: self.user, session: self.session, generation: self.generation, expires_at })
    }
}

/// Checks everything about a token but its time, with the keys that verify at `now`.
pub(super) fn prove(
    keys: &KeySet,
    settings: &TokenSettings,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Proven, TokenError> {
    let token = Compact::split(token).ok_or(TokenError::Malformed)?;
    let (key, until) = find_key(keys, &token, now)?;
    check_signature(&token, key)?;
    let payload = token.payload().ok_or(TokenError::Malformed)?;
    let claims: Incoming = serde_json::from_slice(&payload).map_err(|_| TokenError::Claims)?;
    if claims.iss != settings.issuer {
        return Err(TokenError::Issuer);
    }
    if !claims.aud.names(&settings.audience) {
        return Err(TokenError::Audience);
    }
    let proven = read(&claims).ok_or(TokenError::Claims)?;
    // What is remembered must not outlive the key that proved it, whatever it says of itself.
    let end = until.map_or(i64::MAX, |it| it.timestamp() - LEEWAY);
    Ok(Proven { expires: proven.expires.min(end), ..proven })
}

type Found<'a> = (&'a Verifier, Option<DateTime<Utc>>);

fn find_key<'a>(keys: &'a KeySet, token: &Compact<'_>, now: DateTime<Utc>) -> Result<Found<'a>, TokenError> {
    let header = token.header().ok_or(TokenError::Malformed)?;
    let header: IncomingHeader = serde_json::from_slice(&header).map_err(|_| TokenError::Header)?;
    // RFC 9068, section 4, allows the type with and without `application/`, in any case.
    let typ = header.typ.to_ascii_lowercase();
    if typ.strip_prefix("application/").unwrap_or(&typ) != TYPE || header.asks_for_more() {
        return Err(TokenError::Header);
    }
    let (key, until) = keys.find(&header.kid, now).ok_or(TokenError::UnknownKey)?;
    if header.alg == key.algorithm().name() { Ok((key, until)) } else { Err(TokenError::Algorithm) }
}

fn check_signature(token: &Compact<'_>, key: &Verifier) -> Result<(), TokenError> {
    let signed = token.signed.as_bytes();
    match jsonwebtoken::crypto::verify(token.signature, signed, key.decoding(), key.algorithm().jose()) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(TokenError::Signature),
    }
}

fn read(claims: &Incoming) -> Option<Proven> {
    let (generation, _) = claims.jti.split_once('.')?;
    Some(Proven {
        user: UserId::parse(&claims.sub)?,
        session: SessionId::parse(&claims.sid)?,
        generation: generation.parse().ok()?,
        expires: claims.exp,
        not_before: claims.nbf.max(claims.iat),
    })
}

#[cfg(test)]
#[path = "attacks.rs"]
mod tests;
