//! Password hashing with Argon2id (RFC 9106) on dedicated threads, so that a flood of sign-ins cannot starve other
//! requests. The queue is bounded; a request that does not fit is refused at once. New passwords are checked on these
//! threads too, because a check takes as long as a hash. Parts of the queue are reserved for more trusted clients
//! ([`Trust`]).
//!
//! An unknown username costs as much as a wrong password, and so does an unreadable stored hash. A hash of another
//! system, or with weaker parameters than configured, is verified with its own parameters, and costs the work of an
//! unknown username in addition: until its owner signs in once, a refusal takes longer. This module counts no failures
//! and knows no users.

mod engine;
mod foreign;
mod phc;
mod places;
mod threads;

use std::sync::Arc;

use argon2::Params;

use self::{
    engine::{Engine, Stored},
    phc::{HASH_BYTES, SALT_BYTES},
    threads::Threads,
};
pub use self::{
    foreign::UnsupportedHash,
    places::{Claim, Trust},
};
use fieldguard_domain::{
    invalid::Invalid,
    password::{NewPassword, Password, PasswordHash},
};

/// The hashing parameters, and the number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashSettings {
    /// Memory of a hash, in KiB; at least 8 per lane.
    pub memory_kib: u32,
    /// Passes over the memory; at least 1.
    pub iterations: u32,
    /// Lanes; at least 1. They are computed in sequence.
    pub parallelism: u32,
    /// Threads, each with its own memory; at least 1.
    pub threads: usize,
    /// Number of requests that may wait for a thread.
    pub queue: usize,
}

/// The result of a password verification.
#[derive(Debug)]
pub enum Verdict {
    /// The password is right.
    Right {
        /// Whether the stored hash has weaker parameters than a new one. A new hash costs as much again. The caller
        /// decides whether to compute it, because it may refuse the sign-in.
        outdated: bool,
    },
    /// The password is wrong, or the user does not exist.
    Wrong,
    /// The stored text is not a hash that this server supports, or its cost is too high. The work for a wrong password
    /// was done instead.
    Unreadable,
}

/// Why nothing was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The queue is full. Try again later.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The threads have stopped.
    #[error("password hashing has stopped")]
    Stopped,
}

/// Hashes and verifies passwords. Clones share the threads, which stop with the last clone.
#[derive(Clone)]
pub struct Hasher {
    threads: Arc<Threads>,
    params: Params,
}

/// A password hash of another system.
pub struct Imported {
    /// The hash.
    pub hash: PasswordHash,
    /// Whether it is weaker than a new one. A new hash is computed when its owner signs in.
    pub outdated: bool,
}

/// A place in the queue, for several operations in sequence. A request that holds one is not refused later because the
/// queue is full. Drop it as soon as nothing more is to be hashed.
pub struct Place(threads::Place);

/// Statistics of the threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// The number of hashes computed since the start.
    pub computed: u64,
    /// The number of places taken: hashes that are computed, waiting, or about to wait.
    pub places: usize,
}

impl Hasher {
    /// Starts the threads.
    ///
    /// # Panics
    ///
    /// If the settings are outside the limits in their documentation, or the system provides no threads. Both can
    /// happen only at the start of the process.
    #[must_use]
    pub fn start(settings: HashSettings) -> Self {
        Self { threads: Arc::new(Threads::start(&settings)), params: engine::params(&settings) }
    }

    /// A hash that no password matches, of random bytes. A verification against it costs the same as any other.
    #[must_use]
    pub fn unmatched(&self) -> PasswordHash {
        let (salt, hash): ([u8; SALT_BYTES], [u8; HASH_BYTES]) = (super::random(), super::random());
        phc::write(&self.params, &salt, &hash)
    }

    /// Accepts a hash of another system that this server can verify: Argon2, bcrypt, PBKDF2, scrypt or phpass, in the
    /// forms of the libraries that the guide on import lists, at a limited cost. Nothing is computed.
    ///
    /// # Errors
    ///
    /// Why it is refused.
    pub fn import(&self, text: &str) -> Result<Imported, UnsupportedHash> {
        let hash = PasswordHash::from_phc(foreign::without_argon2_prefix(text).to_owned());
        let outdated = Stored::read(&hash, &self.params)?.is_outdated(&self.params);
        Ok(Imported { hash, outdated })
    }

    /// Takes a place in the queue.
    ///
    /// # Errors
    ///
    /// [`HashError::Busy`] if none is left for a client with this claim.
    pub fn reserve(&self, claim: Claim) -> Result<Place, HashError> {
        self.threads.reserve(claim).map(Place)
    }

    /// Fails if the queue is full. It takes no place, so that a request can be refused for another reason first.
    ///
    /// # Errors
    ///
    /// [`HashError::Busy`].
    pub fn check_overload(&self) -> Result<(), HashError> {
        if self.threads.places().is_full() { Err(HashError::Busy) } else { Ok(()) }
    }

    /// Whether a place is left for a client with this claim. It takes none.
    #[must_use]
    pub fn has_room(&self, claim: Claim) -> bool {
        self.threads.places().have_room(claim)
    }

    /// Statistics of the threads.
    #[must_use]
    pub fn work(&self) -> Work {
        Work { computed: self.threads.computed(), places: self.threads.places().number_taken() }
    }
}

impl Place {
    /// Checks a new password, and hashes it if it is accepted.
    ///
    /// # Errors
    ///
    /// [`HashError::Stopped`]; the inner error says why the password is refused.
    pub async fn hash_new(&self, password: NewPassword) -> Result<Result<PasswordHash, Invalid>, HashError> {
        self.0.run(move |engine: &mut Engine| engine.hash_new(password)).await
    }

    /// Checks a new password without hashing it.
    ///
    /// # Errors
    ///
    /// [`HashError::Stopped`]; the inner error says why the password is refused.
    pub async fn judge(&self, password: NewPassword) -> Result<Result<(), Invalid>, HashError> {
        self.0.run(move |_: &mut Engine| password.judge().map(drop)).await
    }

    /// Hashes a password that is already in use, without checking it.
    ///
    /// # Errors
    ///
    /// [`HashError::Stopped`].
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        self.0.run(move |engine: &mut Engine| engine.hash(&password)).await
    }

    /// Compares the presented password with the stored hash. `None` stands for a user who does not exist: the result is
    /// [`Verdict::Wrong`], after the same work.
    ///
    /// # Errors
    ///
    /// [`HashError::Stopped`].
    pub async fn verify(&self, password: Password, stored: Option<PasswordHash>) -> Result<Verdict, HashError> {
        self.0.run(move |engine: &mut Engine| engine.verify(&password, stored.as_ref())).await
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap(threads: usize, queue: usize) -> HashSettings {
        HashSettings { memory_kib: 64, iterations: 1, parallelism: 1, threads, queue }
    }

    fn password(text: &str) -> Password {
        Password::presented(text.to_owned())
    }

    fn place(hasher: &Hasher) -> Place {
        hasher.reserve(Claim::KNOWN).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let hasher = Hasher::start(cheap(2, 8));
        let hash = place(&hasher).hash(password("correct horse battery")).await.unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", hash.as_phc());
        for (presented, right) in [
            ("correct horse battery", true),
            ("correct horse batter", false),
            ("correct horse battery ", false),
            ("Correct horse battery", false),
            ("", false),
        ] {
            let verdict = place(&hasher).verify(password(presented), Some(hash.clone())).await.unwrap();
            assert_eq!(matches!(verdict, Verdict::Right { outdated: false }), right, "{presented}: {verdict:?}");
        }
        let unknown = place(&hasher).verify(password("correct horse battery"), None).await.unwrap();
        assert!(matches!(unknown, Verdict::Wrong));
    }

    #[tokio::test]
    async fn two_hashes_of_one_password_differ() {
        let hasher = Hasher::start(cheap(1, 8));
        assert_ne!(
            place(&hasher).hash(password("a")).await.unwrap(),
            place(&hasher).hash(password("a")).await.unwrap()
        );
    }

    #[tokio::test]
    async fn no_password_matches_the_unmatched_hash() {
        let hasher = Hasher::start(cheap(1, 8));
        let hash = hasher.unmatched();
        assert_ne!(hash, hasher.unmatched());
        for presented in ["", "a", hash.as_phc()] {
            let verdict = place(&hasher).verify(password(presented), Some(hash.clone())).await.unwrap();
            assert!(matches!(verdict, Verdict::Wrong), "{verdict:?}");
        }
    }

    #[tokio::test]
    async fn a_clone_keeps_the_threads() {
        let hasher = Hasher::start(cheap(1, 1));
        let clone = hasher.clone();
        drop(hasher);
        assert!(place(&clone).hash(password("a")).await.is_ok());
    }
}
