//! What the server has acknowledged is there after it was killed in the middle of its work, and after the power failed.
//!
//! [`kill`] starts the built program, has several clients change accounts at the same time, and ends it with `kill -9` after
//! a number of acknowledgments. The next start is held against what the clients heard ([`people`]): a change that was
//! acknowledged is there; one whose answer never came was made as a whole or not at all.
//!
//! A killed process loses nothing that it handed to the system, synced or not. What a power failure loses is the business of
//! [`power`].
//!
//! The long form:
//!
//! ```text
//! FIELDGUARD_CRASH_CYCLES=2000 cargo test --test it thousands_of_kills::sqlite -- --ignored --nocapture
//! ```

mod client;
mod kill;
mod people;
mod power;
mod verify;
mod workload;

/// A variable for the tests, as a number.
#[expect(clippy::disallowed_methods, reason = "the variable is for tests, not a setting")]
fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}
