//! A change that the server has acknowledged survives `kill -9` and power failures.
//!
//! [`kill`] starts the built program, runs clients that change users at the same time, and kills the program after a
//! number of acknowledgments. The next start is compared with what the clients know ([`knowledge`]): an acknowledged
//! change is there, and a change without an answer was made completely or not at all.
//!
//! A killed process loses nothing that it handed to the operating system, synced or not. [`power`] tests what a power
//! failure loses.
//!
//! The long form:
//!
//! ```text
//! FIELDGUARD_CRASH_CYCLES=2000 cargo test --test it thousands_of_kills::sqlite -- --ignored --nocapture
//! ```

mod client;
mod kill;
mod knowledge;
mod power;
mod verify;
mod workload;

/// A number from an environment variable of the tests.
#[expect(clippy::disallowed_methods, reason = "the variable is for tests, not a setting")]
fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}
