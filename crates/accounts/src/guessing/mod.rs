//! Brute-force protection: decides in the database, before anything is hashed, who may try a password now. Guesses made
//! at the same time or at several replicas are counted exactly.
//!
//! A sign-in counts against the name that was typed, whether or not such an account exists, and against the client's
//! address. An address from which the account signed in before has its own count with that account instead of both. So
//! guesses from elsewhere don't lock the account owner out at home.
//!
//! Before the password is hashed, the sign-in is recorded as in flight (`Attempts`). If other sign-ins in flight
//! decide whether it may begin, it waits for them: for a lock within this process, and by polling the database. So
//! correct sign-ins of one account succeed one after the other, and the first wrong one refuses the others. The record
//! of a crashed server counts as a failure after a few seconds.
//!
//! With the record comes a place in the hashing queue. A sign-in that is refused or waits takes no place, and one that
//! gets no place is not recorded. The same counts decide how far a client is trusted, and so which places it may take
//! (`Trust`).
//!
//! All times come from the clock of the database ([`Accounts::shared_now`]), read while the rows are locked.
//!
//! Loopback addresses are not counted: a client on this machine has no need to guess, and behind a proxy that is
//! missing in the configuration, one attacker would lock everyone out.

mod attempt;
mod failures;
mod mails;
mod rates;
mod registration;

use chrono::{DateTime, TimeDelta, Utc};

pub(super) use self::{
    attempt::Attempt,
    registration::{CountedRegistration, RefundReason},
};
use super::{Accounts, error::Error, keyed_lock::KeyedLock, metrics::Limited};
use fieldguard_auth::fingerprint;
use fieldguard_domain::{id::UserId, network::Network, session::Client, user::User};
use fieldguard_store::attempts::Key;

/// How long a sign-in waits for others. With the hash, it stays below the five seconds in which every request is
/// answered.
const MAX_WAIT: TimeDelta = TimeDelta::seconds(4);

impl Accounts {
    fn limited(&self, what: Limited, error: Error) -> Error {
        if let Error::RateLimited { seconds } = error {
            self.counts().limited(what);
            // Logs neither the name nor the address, so that a flood of refusals does not become a log of users.
            tracing::info!(?what, seconds, "rate limited");
        }
        error
    }

    fn sign_ins(&self) -> &KeyedLock {
        &self.0.sign_ins
    }
}

fn by_name(user: &User) -> Key {
    fingerprint::of(&["name", user.username.key()])
}

/// What codes of the account's second factor count against, from anywhere. A right password does not reset it, or an
/// attacker who knows the password could guess codes without end.
fn by_code(user: UserId) -> Key {
    fingerprint::of(&["code", &user.to_string()])
}

fn by_code_from_known_address(user: UserId, address: &str) -> Key {
    fingerprint::of(&["known code", &user.to_string(), address])
}

fn by_address_probe(user: UserId) -> Key {
    fingerprint::of(&["email", &user.to_string()])
}

fn by_mailed_account(user: UserId) -> Key {
    fingerprint::of(&["mails", &user.to_string()])
}

fn by_known_address(user: UserId, address: &str) -> Key {
    fingerprint::of(&["known", &user.to_string(), address])
}

/// The client's network address, if it is counted.
pub(super) fn countable(client: &Client) -> Option<Network> {
    Network::of(client).filter(|network| !network.is_loopback())
}

/// How long to wait, in whole seconds, rounded up so that a client that waits this long is not refused again.
fn too_early(until: DateTime<Utc>, now: DateTime<Utc>) -> Error {
    let seconds = (until - now).num_milliseconds().max(1).unsigned_abs().div_ceil(1_000);
    Error::RateLimited { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) }
}
