//! Password hashes of other systems, which this server verifies and never creates. Each family of forms is a file, which
//! reads the forms it knows by their prefix. Costs are limited: an import must not decide how much a sign-in costs.
//!
//! Several of these algorithms accept several passwords for one hash: bcrypt reads 72 bytes and stops at a zero byte,
//! and HMAC ignores zero bytes at the end of a key. Here, a password that is longer or contains a zero byte never
//! matches.

mod aspnet;
mod bcrypt;
mod encoding;
mod firebase;
mod pbkdf2;
mod phpass;
mod scheme;
mod scrypt;
mod unsupported;

pub use unsupported::UnsupportedHash;

/// Maximum length of the text.
const MAX_TEXT_BYTES: usize = 512;

/// The result of a family that reads a text: `None` if it has another form.
type Reading = Option<Result<Foreign, UnsupportedHash>>;

/// A hash of another system that this server can verify.
pub(super) enum Foreign {
    Bcrypt(bcrypt::Bcrypt),
    Pbkdf2(pbkdf2::Pbkdf2),
    Scrypt(scrypt::Scrypt),
    Firebase(firebase::Firebase),
    Phpass(phpass::Phpass),
}

impl Foreign {
    /// Whether it is the hash of this password. Costs the same for every password.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let same = match self {
            Self::Bcrypt(hash) => hash.matches(password),
            Self::Pbkdf2(hash) => hash.matches(password),
            Self::Scrypt(hash) => hash.matches(password),
            Self::Firebase(hash) => hash.matches(password),
            Self::Phpass(hash) => hash.matches(password),
        };
        same && !password.contains(&0)
    }
}

/// Parses the hash of another system. Nothing is computed.
pub(super) fn read(text: &str) -> Result<Foreign, UnsupportedHash> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(UnsupportedHash::Unknown);
    }
    let families = [bcrypt::read, pbkdf2::read, scrypt::read, firebase::read, phpass::read, scheme::read, aspnet::read];
    let reading = families.iter().find_map(|family| family(text));
    reading.unwrap_or_else(|| Err(unsupported::reason(text)))
}

/// A text with the Argon2 hash that it wraps, if it does: `argon2$argon2id$…` of Django, `{argon2}$argon2id$…` of
/// Spring and `{ARGON2ID}$argon2id$…` of Dovecot.
pub(super) fn without_argon2_prefix(text: &str) -> &str {
    let inner = text.strip_prefix("argon2").filter(|inner| inner.starts_with("$argon2"));
    inner.or_else(|| scheme::argon2(text)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
