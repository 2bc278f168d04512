//! PHC strings of Argon2: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. This module reads what this server could have
//! written, and the same for Argon2i, with limited parameters: write access to the database must not decide how much a
//! sign-in costs.

use argon2::{
    Algorithm, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt},
};

use super::foreign::UnsupportedHash;
use fieldguard_domain::password::PasswordHash;

/// Size of a new salt, in bytes (RFC 9106, section 4).
pub(super) const SALT_BYTES: usize = 16;
/// Size of a new hash, in bytes (RFC 9106, section 4).
pub(super) const HASH_BYTES: usize = 32;
/// The maximum memory of a stored hash, as a multiple of the configured memory. An operator can lower the parameters by
/// this factor at once without locking out users who have not signed in since.
const MEMORY_FACTOR: u32 = 4;
/// The maximum work of a stored hash, as a multiple of the configured work.
const WORK_FACTOR: u64 = 16;
/// A stored hash may always have this much memory, in KiB, and work: other systems have more than this server's default.
const MEMORY_FLOOR: u32 = 131_072;
const WORK_FLOOR: u64 = 524_288;
/// The maximum of memory in KiB, passes and lanes, which no setting exceeds.
const MAX_PARAMS: [u32; 3] = [1_048_576, 64, 16];
/// Minimum size of a stored hash, in bytes. A shorter one could match by chance.
const MIN_HASH_BYTES: usize = 16;

/// A stored hash that can be verified.
pub(super) struct Known {
    /// Argon2id, or Argon2i, which other systems use.
    pub(super) algorithm: Algorithm,
    pub(super) params: Params,
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

pub(super) fn write(params: &Params, salt: &[u8], hash: &[u8]) -> PasswordHash {
    let phc = Phc {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).expect("three numbers fit"),
        salt: Some(Salt::new(salt).expect("16 bytes are a salt")),
        hash: Some(Output::new(hash).expect("32 bytes are a hash")),
    };
    PasswordHash::from_phc(phc.to_string())
}

/// Whether the text claims to be an Argon2 hash.
pub(super) fn is_argon2(stored: &PasswordHash) -> bool {
    stored.as_phc().starts_with("$argon2")
}

/// Parses a stored hash of Argon2id or Argon2i, whose cost is limited by `configured`.
pub(super) fn read(stored: &PasswordHash, configured: &Params) -> Result<Known, UnsupportedHash> {
    let known = parse(stored).ok_or(UnsupportedHash::Malformed("Argon2"))?;
    let memory_kib = configured.m_cost().saturating_mul(MEMORY_FACTOR).max(MEMORY_FLOOR).min(MAX_PARAMS[0]);
    let max_work = work(configured).saturating_mul(WORK_FACTOR).max(WORK_FLOOR);
    let within_limits = known.params.t_cost() <= MAX_PARAMS[1] && known.params.p_cost() <= MAX_PARAMS[2];
    if within_limits && known.params.m_cost() <= memory_kib && work(&known.params) <= max_work {
        Ok(known)
    } else {
        Err(UnsupportedHash::Argon2Cost { memory_kib, work: max_work })
    }
}

/// The hash, whatever it costs.
fn parse(stored: &PasswordHash) -> Option<Known> {
    let phc = Phc::new(stored.as_phc()).ok()?;
    let params = Params::try_from(&phc).ok()?;
    let (salt, hash) = (phc.salt?.to_vec(), phc.hash?.as_bytes().to_vec());
    let algorithm =
        [Algorithm::Argon2id, Algorithm::Argon2i].into_iter().find(|algorithm| algorithm.ident() == phc.algorithm)?;
    let well_formed = phc.version == Some(Version::V0x13.into())
        && hash.len() >= MIN_HASH_BYTES
        && salt.len() >= argon2::MIN_SALT_LEN;
    well_formed.then_some(Known { algorithm, params, salt, hash })
}

fn work(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> Params {
        Params::new(64, 2, 1, Some(HASH_BYTES)).unwrap()
    }

    fn is_read(phc: &str) -> bool {
        read(&PasswordHash::from_phc(phc.to_owned()), &params()).is_ok()
    }

    #[test]
    fn a_written_hash_is_read() {
        let written = write(&params(), &[7; SALT_BYTES], &[9; HASH_BYTES]);
        let known = read(&written, &params()).unwrap();
        assert_eq!((known.salt.as_slice(), known.hash.as_slice()), (&[7; SALT_BYTES][..], &[9; HASH_BYTES][..]));
        assert_eq!((known.params.m_cost(), known.params.t_cost(), known.params.p_cost()), (64, 2, 1));
    }

    #[test]
    fn parameters_over_the_limits_are_refused() {
        let configured = Params::new(1_048_576, 2, 1, Some(HASH_BYTES)).unwrap();
        let tail = "$BwcHBwcHBwcHBwcHBwcHBw$CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
        for (params, is_read) in [
            ("m=1048576,t=2,p=1", true),
            ("m=1048576,t=2,p=16", true),
            ("m=4194304,t=2,p=1", false),
            ("m=1024,t=65,p=1", false),
            ("m=1024,t=2,p=17", false),
        ] {
            let phc = PasswordHash::from_phc(format!("$argon2id$v=19${params}{tail}"));
            assert_eq!(read(&phc, &configured).is_ok(), is_read, "{params}");
        }
    }

    #[test]
    fn malformed_and_expensive_hashes_are_refused() {
        let tail = "$BwcHBwcHBwcHBwcHBwcHBw$CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
        assert!(is_read(&format!("$argon2id$v=19$m=64,t=2,p=1{tail}")));
        for other_systems in ["m=102400,t=2,p=8", "m=65536,t=3,p=4", "m=7168,t=5,p=1", "m=131072,t=4,p=1"] {
            assert!(is_read(&format!("$argon2id$v=19${other_systems}{tail}")), "{other_systems}");
        }
        assert!(is_read(&format!("$argon2i$v=19$m=64,t=2,p=1{tail}")));
        for phc in [
            String::new(),
            "$".repeat(10_000),
            "password".to_owned(),
            format!("$argon2d$v=19$m=64,t=2,p=1{tail}"),
            format!("$argon2id$v=16$m=64,t=2,p=1{tail}"),
            format!("$argon2id$m=64,t=2,p=1{tail}"),
            format!("$argon2id$v=19$m=131073,t=2,p=1{tail}"),
            format!("$argon2id$v=19$m=4294967295,t=2,p=1{tail}"),
            format!("$argon2id$v=19$m=64,t=65,p=1{tail}"),
            format!("$argon2id$v=19$m=131072,t=5,p=1{tail}"),
            format!("$argon2id$v=19$m=64,t=4294967295,p=1{tail}"),
            format!("$argon2id$v=19$m=64,t=2,p=16777215{tail}"),
            format!("$argon2id$v=19$m=64,t=0,p=1{tail}"),
            format!("$argon2id$v=19$m=64,t=2,p=0{tail}"),
            format!("$argon2id$v=19$m=64,t=2,p=1{tail}$x"),
            "$argon2id$v=19$m=64,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw".to_owned(),
            "$argon2id$v=19$m=64,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw$CQkJCQkJCQkJCQkJ".to_owned(),
            "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW".to_owned(),
        ] {
            assert!(!is_read(&phc), "{phc:.80}");
        }
    }
}
