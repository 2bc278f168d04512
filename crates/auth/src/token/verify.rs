//! The checks of a presented token, in the order of their cost. The signature is checked before any claim is read.

use chrono::{DateTime, Utc};

use super::{
    TYPE, TokenSettings,
    claims::{Incoming, IncomingHeader},
    compact::Compact,
};
use crate::keys::{KeySet, Verifier};
use fieldguard_domain::id::{SessionId, UserId};

/// The tolerated difference between clocks of different machines, in seconds.
pub(super) const LEEWAY: i64 = 5;

/// The content of a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The user.
    pub user: UserId,
    /// The user's session.
    pub session: SessionId,
    /// The generation of the refresh token issued with it.
    pub generation: u32,
    /// The time of expiry.
    pub expires_at: DateTime<Utc>,
}

/// Why a token is invalid. Errors contain no part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not in the form of a signed JWT.
    #[error("the token is not a signed JWT in compact form")]
    Malformed,
    /// The header lacks a member, has another type, or has an unsupported member.
    #[error("the token's header is not that of an access token")]
    Header,
    /// No key in the set has the token's `kid`.
    #[error("the token was signed with an unknown key")]
    UnknownKey,
    /// The algorithm is not the one of the token's key.
    #[error("the token's algorithm differs from its key's")]
    Algorithm,
    /// The signature does not match the key and the content.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, duplicate, or of another type or form.
    #[error("the token's claims are incomplete or of the wrong type")]
    Claims,
    /// Another server issued it.
    #[error("another server issued the token")]
    Issuer,
    /// The token is for other services.
    #[error("the token is for another audience")]
    Audience,
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token becomes valid later.
    #[error("the token is not valid yet")]
    Early,
}

/// The content of a token that was issued here, whatever the time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proven {
    user: UserId,
    session: SessionId,
    generation: u32,
    expires: i64,
    not_before: i64,
}

impl Proven {
    /// Checks the token at `now`, in whole seconds. It is valid until the second it names, and five more.
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

/// Checks everything except the time, with the keys that verify at `now`.
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
    // A cached token must not outlive the key that verified it.
    let end = until.map_or(i64::MAX, |until| until.timestamp() - LEEWAY);
    Ok(Proven { expires: proven.expires.min(end), ..proven })
}

type Found<'a> = (&'a Verifier, Option<DateTime<Utc>>);

fn find_key<'a>(keys: &'a KeySet, token: &Compact<'_>, now: DateTime<Utc>) -> Result<Found<'a>, TokenError> {
    let header = token.header().ok_or(TokenError::Malformed)?;
    let header: IncomingHeader = serde_json::from_slice(&header).map_err(|_| TokenError::Header)?;
    // RFC 9068, section 4, allows the type with and without `application/`, in any case.
    let typ = header.typ.to_ascii_lowercase();
    if typ.strip_prefix("application/").unwrap_or(&typ) != TYPE || header.has_unsupported_members() {
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
