//! Why a text is not a password hash that this server imports. It names forms that are recognized and refused.

/// Why a hash of another system is refused. The message never repeats the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsupportedHash {
    /// The form is known, and a part of it is missing or wrong.
    #[error("`passwordHash` begins like {0}, but is not a complete one in a supported form.")]
    Malformed(&'static str),
    /// A sign-in would cost too much, or the hash is too cheap to guess. The second text names the limit.
    #[error("The cost of `passwordHash` is out of range: {0} must have {1}.")]
    Cost(&'static str, &'static str),
    /// A sign-in would cost too much, compared with the server's own hashes.
    #[error(
        "`passwordHash` costs more than a sign-in may: Argon2 can have up to {memory_kib} KiB of memory, 16 lanes, and \
         memory times passes up to {work}. Raise the settings `hash.memory_kib` or `hash.iterations`."
    )]
    Argon2Cost {
        /// The maximum memory.
        memory_kib: u32,
        /// The maximum product of memory in KiB and passes.
        work: u64,
    },
    /// A form that is refused because it is found by guessing too fast, or is no hash.
    #[error("{0} is not accepted as `passwordHash`: it is too easy to guess. Import the user without a password.")]
    Weak(&'static str),
    /// A known form that this server does not verify.
    #[error("{0} is not supported as `passwordHash`. Import the user without a password.")]
    Unverifiable(&'static str),
    /// None of the known forms.
    #[error("`passwordHash` is not a password hash in a supported form. The guide on import lists the forms.")]
    Unknown,
}

use UnsupportedHash::{Unknown, Unverifiable, Weak};

/// Forms by the beginning of their text, in lower case.
const PREFIXES: [(&str, UnsupportedHash); 31] = [
    ("{noop}", Weak("Plain text")),
    ("{plain", Weak("Plain text")),
    ("{clear", Weak("Plain text")),
    ("{ssha", Weak("A salted SHA hash")),
    ("{sha512-crypt}", Unverifiable("SHA-512-crypt")),
    ("{sha256-crypt}", Unverifiable("SHA-256-crypt")),
    ("{sha", Weak("An SHA hash")),
    ("{smd5", Weak("A salted MD5 hash")),
    ("{ldap", Weak("A fast hash of an LDAP server")),
    ("{md4}", Weak("MD4")),
    ("{md5-crypt}", Weak("MD5-crypt")),
    ("{md5", Weak("MD5")),
    ("{digest-md5}", Weak("MD5")),
    ("{cram-md5}", Weak("MD5")),
    ("{hmac-md5}", Weak("MD5")),
    ("{des-crypt}", Weak("DES-crypt")),
    ("{scram-", Unverifiable("SCRAM")),
    ("unsalted_", Weak("An unsalted hash")),
    ("md5$", Weak("A salted MD5 hash")),
    ("sha1$", Weak("A salted SHA-1 hash")),
    ("sha256$", Weak("A salted SHA-256 hash")),
    ("sha512$", Weak("A salted SHA-512 hash")),
    ("$1$", Weak("MD5-crypt")),
    ("$apr1$", Weak("MD5-crypt")),
    ("$sha1$", Unverifiable("SHA-1-crypt")),
    ("$5$", Unverifiable("SHA-256-crypt")),
    ("$6$", Unverifiable("SHA-512-crypt")),
    ("$y$", Unverifiable("yescrypt")),
    ("$7$", Unverifiable("scrypt in the form of crypt(3)")),
    ("$s$", Unverifiable("The SHA-512 hash of Drupal 7")),
    ("$2x$", Unverifiable("bcrypt `$2x$`, which has a known fault,")),
];

/// Why a text of no supported form is refused.
pub(super) fn reason(text: &str) -> UnsupportedHash {
    let lower = text.to_ascii_lowercase();
    let by_prefix = PREFIXES.iter().find(|(prefix, _)| lower.starts_with(prefix));
    by_prefix.map_or_else(|| bare_digest(text), |(_, reason)| *reason)
}

/// A digest in hexadecimal without a salt.
fn bare_digest(text: &str) -> UnsupportedHash {
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Unknown;
    }
    match text.len() {
        32 => Weak("An unsalted MD5 hash"),
        40 => Weak("An unsalted SHA-1 hash"),
        64 => Weak("An unsalted SHA-256 hash"),
        128 => Weak("An unsalted SHA-512 hash"),
        _ => Unknown,
    }
}
