//! Argon2id with memory that is kept between hashes: a new allocation takes a fifth of the time of a hash, and each
//! request would need one.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

use super::{
    HashSettings, Verdict,
    foreign::{self, Foreign, UnsupportedHash},
    phc::{self, HASH_BYTES, Known, SALT_BYTES},
};
use fieldguard_domain::{
    invalid::Invalid,
    password::{NewPassword, Password, PasswordHash},
};

/// The parameters of new hashes.
pub(super) fn params(settings: &HashSettings) -> Params {
    let HashSettings { memory_kib, iterations, parallelism, .. } = *settings;
    Params::new(memory_kib, iterations, parallelism, Some(HASH_BYTES)).expect("the settings are within Argon2's limits")
}

/// Whether a stored hash has weaker parameters than new ones, or another algorithm.
pub(super) fn is_outdated(known: &Known, params: &Params) -> bool {
    let costs = |params: &Params| [params.m_cost(), params.t_cost(), params.p_cost()];
    let weaker = costs(&known.params).into_iter().zip(costs(params)).any(|(old, new)| old < new);
    weaker || known.algorithm != Algorithm::Argon2id
}

/// A stored hash that can be verified.
pub(super) enum Stored {
    Argon2(Known),
    Foreign(Foreign),
}

impl Stored {
    /// Parses a stored hash, whose cost is limited by `params`, those of new hashes.
    pub(super) fn read(stored: &PasswordHash, params: &Params) -> Result<Self, UnsupportedHash> {
        if phc::is_argon2(stored) {
            phc::read(stored, params).map(Self::Argon2)
        } else {
            foreign::read(stored.as_phc()).map(Self::Foreign)
        }
    }

    /// Whether it is weaker than a new hash with `params`, or of another algorithm.
    pub(super) fn is_outdated(&self, params: &Params) -> bool {
        match self {
            Self::Argon2(known) => is_outdated(known, params),
            Self::Foreign(_) => true,
        }
    }
}

/// The hashing state of one thread.
pub(super) struct Engine {
    params: Params,
    memory: Vec<Block>,
    /// The number of passwords hashed or verified so far, by all threads.
    computed: Arc<AtomicU64>,
}

impl Engine {
    pub(super) fn new(settings: &HashSettings, computed: Arc<AtomicU64>) -> Self {
        // The first hash allocates the memory, so that a server without sign-ins stays small.
        Self { params: params(settings), memory: Vec::new(), computed }
    }

    /// Checks a new password, and hashes it if it is accepted.
    pub(super) fn hash_new(&mut self, password: NewPassword) -> Result<PasswordHash, Invalid> {
        Ok(self.hash(&password.judge()?))
    }

    pub(super) fn hash(&mut self, password: &Password) -> PasswordHash {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let salt: [u8; SALT_BYTES] = crate::random();
        let mut hash = Zeroizing::new([0; HASH_BYTES]);
        self.compute(&self.params.clone(), password.expose(), &salt, &mut *hash);
        phc::write(&self.params, &salt, &*hash)
    }

    pub(super) fn verify(&mut self, password: &Password, stored: Option<&PasswordHash>) -> Verdict {
        self.computed.fetch_add(1, Ordering::Relaxed);
        // A password over the limit always fails. Only its first byte is hashed, because the time for more would reveal
        // its length.
        if password.is_oversized() {
            return self.decoy(&password.expose()[..1]);
        }
        let verdict = self.verify_form(password.expose(), stored);
        match (&verdict, password.as_typed()) {
            // Another system hashed the text as it was typed. A user who does not exist costs as much.
            (Verdict::Wrong, Some(typed)) => match self.verify_form(typed, stored) {
                Verdict::Right { .. } => Verdict::Right { outdated: true },
                other => other,
            },
            _ => verdict,
        }
    }

    /// Compares one form of the password with the stored hash.
    fn verify_form(&mut self, password: &[u8], stored: Option<&PasswordHash>) -> Verdict {
        let Some(stored) = stored else { return self.decoy(password) };
        let (right, outdated) = match Stored::read(stored, &self.params) {
            Ok(Stored::Argon2(known)) => (self.matches(password, &known), is_outdated(&known, &self.params)),
            Ok(Stored::Foreign(foreign)) => (foreign.matches(password), true),
            Err(_) => {
                self.decoy(password);
                return Verdict::Unreadable;
            }
        };
        if outdated {
            // An unknown username must not cost more than this one.
            self.decoy(password);
        }
        if right { Verdict::Right { outdated } } else { Verdict::Wrong }
    }

    fn matches(&mut self, password: &[u8], known: &Known) -> bool {
        let mut hash = Zeroizing::new(vec![0; known.hash.len()]);
        self.compute_as(known.algorithm, &known.params, password, &known.salt, &mut hash);
        verify_slices_are_equal(&hash, &known.hash).is_ok()
    }

    /// Does the work for a wrong password and discards the result.
    fn decoy(&mut self, password: &[u8]) -> Verdict {
        let mut hash = [0; HASH_BYTES];
        self.compute(&self.params.clone(), password, &[0; SALT_BYTES], &mut hash);
        // Without this, the compiler could remove the computation, because its result is unused.
        std::hint::black_box(hash);
        Verdict::Wrong
    }

    fn compute(&mut self, params: &Params, password: &[u8], salt: &[u8], hash: &mut [u8]) {
        self.compute_as(Algorithm::Argon2id, params, password, salt, hash);
    }

    fn compute_as(&mut self, algorithm: Algorithm, params: &Params, password: &[u8], salt: &[u8], hash: &mut [u8]) {
        let argon2 = Argon2::new(algorithm, Version::V0x13, params.clone());
        let blocks = params.block_count();
        let done = if blocks > self.params.block_count() {
            // A hash from a time of higher parameters. Its memory is not kept.
            argon2.hash_password_into_with_memory(password, salt, hash, vec![Block::default(); blocks])
        } else {
            self.memory.resize(self.params.block_count(), Block::default());
            argon2.hash_password_into_with_memory(password, salt, hash, self.memory.as_mut_slice())
        };
        done.expect("parameters, salt and memory were checked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(memory_kib: u32, iterations: u32) -> Engine {
        let settings = HashSettings { memory_kib, iterations, parallelism: 1, threads: 1, queue: 1 };
        Engine::new(&settings, Arc::default())
    }

    fn password(text: &str) -> Password {
        Password::presented(text.to_owned())
    }

    #[test]
    fn a_weaker_hash_is_outdated() {
        let old = engine(64, 1).hash(&password("a"));
        for (memory_kib, iterations, parallelism) in [(128, 1, 1), (64, 2, 1), (64, 1, 2)] {
            let settings = HashSettings { memory_kib, iterations, parallelism, threads: 1, queue: 1 };
            let mut now = Engine::new(&settings, Arc::default());
            assert!(matches!(now.verify(&password("a"), Some(&old)), Verdict::Right { outdated: true }));
            assert!(matches!(now.verify(&password("b"), Some(&old)), Verdict::Wrong));
            let new = now.hash(&password("a"));
            let written = format!("m={memory_kib},t={iterations},p={parallelism}$");
            assert!(new.as_phc().contains(&written), "{}", new.as_phc());
            assert!(matches!(now.verify(&password("a"), Some(&new)), Verdict::Right { outdated: false }));
        }
    }

    #[test]
    fn a_stronger_hash_is_not_outdated() {
        let old = engine(128, 2).hash(&password("a"));
        let mut now = engine(64, 1);
        assert!(matches!(now.verify(&password("a"), Some(&old)), Verdict::Right { outdated: false }));
        assert!(now.memory.len() <= 64, "the memory of the old hash was kept");
    }

    #[test]
    fn a_hash_of_another_algorithm_is_outdated() {
        let mut now = engine(64, 1);
        let params = params(&HashSettings { memory_kib: 64, iterations: 1, parallelism: 1, threads: 1, queue: 1 });
        let mut hash = [0; HASH_BYTES];
        now.compute_as(Algorithm::Argon2i, &params, b"a", &[7; SALT_BYTES], &mut hash);
        let written = phc::write(&params, &[7; SALT_BYTES], &hash).as_phc().replacen("argon2id", "argon2i", 1);
        for old in [written.as_str(), "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"] {
            let old = PasswordHash::from_phc(old.to_owned());
            assert!(matches!(now.verify(&password("a"), Some(&old)), Verdict::Right { outdated: true }));
            assert!(matches!(now.verify(&password("b"), Some(&old)), Verdict::Wrong));
        }
    }

    #[test]
    fn a_hash_of_text_as_typed_matches_and_is_outdated() {
        let mut engine = engine(64, 1);
        let params = engine.params.clone();
        let mut hash = [0; HASH_BYTES];
        engine.compute(&params, "cafe\u{301}".as_bytes(), &[7; SALT_BYTES], &mut hash);
        let decomposed = phc::write(&params, &[7; SALT_BYTES], &hash);
        let verdict = engine.verify(&password("cafe\u{301}"), Some(&decomposed));
        assert!(matches!(verdict, Verdict::Right { outdated: true }), "{verdict:?}");
        assert!(matches!(engine.verify(&password("caf\u{e9}"), Some(&decomposed)), Verdict::Wrong));
        let composed = engine.hash(&password("cafe\u{301}"));
        for typed in ["cafe\u{301}", "caf\u{e9}"] {
            let verdict = engine.verify(&password(typed), Some(&composed));
            assert!(matches!(verdict, Verdict::Right { outdated: false }), "{verdict:?}");
        }
    }

    #[test]
    fn a_prefix_of_a_password_is_wrong() {
        let long = "z".repeat(1_024);
        let mut engine = engine(64, 1);
        let hash = engine.hash(&password(&long));
        assert!(matches!(engine.verify(&password(&long), Some(&hash)), Verdict::Right { .. }));
        assert!(matches!(engine.verify(&password(&long[1..]), Some(&hash)), Verdict::Wrong));
        let longer = engine.hash(&password(&"z".repeat(1_025)));
        assert!(matches!(engine.verify(&password(&"z".repeat(1_025)), Some(&longer)), Verdict::Wrong));
    }

    #[test]
    fn an_unreadable_hash_costs_one_decoy() {
        let tail = "$BwcHBwcHBwcHBwcHBwcHBw$CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
        for phc in [
            "x".to_owned(),
            "\0\u{fffd}".to_owned(),
            format!("$argon2id$v=19$m=4194304,t=1,p=1{tail}"),
            format!("$argon2id$v=19$m=64,t=1000000000,p=1{tail}"),
            format!("$argon2id$v=19$m=64,t=1,p=16777215{tail}"),
            format!("$argon2x$v=19$m=64,t=1,p=1{tail}"),
            format!("$argon2id$v=19$m=64,t=1,p=1{}", &tail[..30]),
        ] {
            // A thread that computes one of them would not finish within the test.
            let mut engine = engine(64, 1);
            let verdict = engine.verify(&password("a"), Some(&PasswordHash::from_phc(phc.clone())));
            assert!(matches!(verdict, Verdict::Unreadable), "{phc}: {verdict:?}");
            assert_eq!(engine.memory.len(), 64, "{phc}: the memory of one decoy was taken");
        }
    }
}
