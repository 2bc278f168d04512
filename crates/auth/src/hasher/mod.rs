//! Password hashing with Argon2id (RFC 9106) on threads of its own, so that a flood of sign-ins cannot starve other
//! requests: the queue is bounded, and what does not fit is refused at once. New passwords are judged there, too, since that
//! takes as long as a hash. Parts of the queue are kept for clients that are trusted further than others ([`Trust`]).
//!
//! A name nobody has costs what a wrong password costs; so does a stored hash that cannot be read. Not done here: counting
//! failures, and any decision about accounts. A hash that another system made, or with weaker parameters than the configured
//! ones, is judged by its own and costs the work of an unknown name besides: until its owner signs in once, refusing it
//! takes longer.

mod engine;
mod foreign;
mod phc;
mod places;
mod threads;

use std::sync::Arc;

use argon2::Params;

pub use self::places::{Claim, Trust};
use self::{
    engine::Engine,
    phc::{HASH_BYTES, SALT_BYTES},
    threads::Threads,
};
use fieldguard_domain::{
    invalid::Invalid,
    password::{NewPassword, Password, PasswordHash},
};

/// How passwords are hashed, and by how many threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashSettings {
    /// Memory a hash takes, in KiB; at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes over the memory; at least 1.
    pub iterations: u32,
    /// Lanes; at least 1. They are computed one after another.
    pub parallelism: u32,
    /// Threads, each with its own memory; at least 1.
    pub threads: usize,
    /// Requests that may wait for a thread.
    pub queue: usize,
}

/// What became of a presented password.
#[derive(Debug)]
pub enum Verdict {
    /// It is the account's.
    Right {
        /// The stored hash has other parameters than a new one would, and weaker ones. Making it anew costs as much again
        /// and is left to the caller, who may not let the account in at all.
        outdated: bool,
    },
    /// It is not, or there is no such account.
    Wrong,
    /// What is stored is no hash that this server could have made, or one that costs too much to compute. The work of a
    /// wrong password was done instead.
    Unreadable,
}

/// Why nothing was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The queue is full. Trying again later helps.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The threads have ended.
    #[error("password hashing has stopped")]
    Stopped,
}

/// Hashes and verifies passwords. Clones share the threads, which end with the last of them.
#[derive(Clone)]
pub struct Hasher {
    threads: Arc<Threads>,
    params: Params,
}

/// A hash that another system made.
pub struct Imported {
    /// The hash.
    pub hash: PasswordHash,
    /// Is it weaker than a new one? Then it is made anew when its owner signs in.
    pub outdated: bool,
}

/// A place in the queue, for one piece of work after the other. A request that holds one is not refused as one too many later
/// on. Drop it as soon as there is nothing more to hash.
pub struct Place(threads::Place);

/// What the threads do and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Hashes computed since the start, for whatever reason.
    pub computed: u64,
    /// Places taken: hashes that are being computed or wait, or are about to.
    pub places: usize,
}

impl Hasher {
    /// Starts the threads.
    ///
    /// # Panics
    ///
    /// Where the settings are outside the limits named at their fields, or the system gives no threads. Both can only
    /// happen at the start of the process.
    #[must_use]
    pub fn start(settings: HashSettings) -> Self {
        Self { threads: Arc::new(Threads::start(&settings)), params: engine::params(&settings) }
    }

    /// A hash that no password is known for: its bytes are random. Judging a password by it costs what any other costs.
    #[must_use]
    pub fn unmatched(&self) -> PasswordHash {
        let (salt, hash): ([u8; SALT_BYTES], [u8; HASH_BYTES]) = (super::random(), super::random());
        phc::write(&self.params, &salt, &hash)
    }

    /// The hash that `text` is, where its passwords can be judged by it: Argon2id or Argon2i in PHC form, bcrypt in
    /// modular-crypt form at a cost of 4 to 14, PBKDF2 with SHA-256 or SHA-512 in PHC form, passlib's or Django's with 1,000 to
    /// 3,000,000 iterations. Nothing where it is none, or costs too much. It is not computed.
    #[must_use]
    pub fn import(&self, text: String) -> Option<Imported> {
        let hash = PasswordHash::from_phc(text);
        let outdated = match phc::read(&hash, &self.params) {
            Some(known) => engine::is_outdated(&known, &self.params),
            None => foreign::read(&hash).map(|_| true)?,
        };
        Some(Imported { hash, outdated })
    }

    /// A place in the queue.
    ///
    /// # Errors
    ///
    /// [`HashError::Busy`] where none is left for such a client.
    pub fn reserve(&self, claim: Claim) -> Result<Place, HashError> {
        self.threads.reserve(claim).map(Place)
    }

    /// Refuses where no place is left for any client. What may be refused later takes no place by it.
    ///
    /// # Errors
    ///
    /// [`HashError::Busy`].
    pub fn heed_overload(&self) -> Result<(), HashError> {
        if self.threads.places().is_full() { Err(HashError::Busy) } else { Ok(()) }
    }

    /// Whether a place is left for such a client. None is taken by it.
    #[must_use]
    pub fn has_room(&self, claim: Claim) -> bool {
        self.threads.places().have_room(claim)
    }

    /// What the threads do and did.
    #[must_use]
    pub fn work(&self) -> Work {
        Work { computed: self.threads.computed(), places: self.threads.places().number_taken() }
    }
}

impl Place {
    /// Judges a new password, and hashes one that is accepted. The judgement is work for these threads, too.
    ///
    /// # Errors
    ///
    /// [`HashError::Stopped`]; within, why the password is refused.
    pub async fn hash_new(&self, password: NewPassword) -> Result<Result<PasswordHash, Invalid>, HashError> {
        self.0.run(move |engine: &mut Engine| engine.hash_new(password)).await
    }

    /// Judges a new password and leaves it at that.
    ///
    /// # Errors
    ///
    /// [`HashError::Stopped`]; within, why the password is refused.
    pub async fn judge(&self, password: NewPassword) -> Result<Result<(), Invalid>, HashError> {
        self.0.run(move |_: &mut Engine| password.judge().map(drop)).await
    }

    /// Hashes a password that is the account's already.
    ///
    /// # Errors
    ///
    /// [`HashError::Stopped`].
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        self.0.run(move |engine: &mut Engine| engine.hash(&password)).await
    }

    /// Compares the presented password with what is stored. `None` stands for an account that does not exist: the answer
    /// is [`Verdict::Wrong`], after the same work.
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
    async fn tells_right_from_wrong() {
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
    async fn nothing_matches_what_was_made_for_nothing() {
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
