//! Against guessing: who may try now, decided in the database before anything is hashed, so that guesses made at the same
//! time, or on several replicas, are counted exactly.
//!
//! A sign-in counts against the name that was typed, whether or not there is such an account, and against the address. An
//! address from which the account signed in before has a count of its own with that account instead of both: guesses from
//! elsewhere don't keep the account owner from signing in at home.
//!
//! Before the password is hashed, the sign-in is noted as in flight ([`Attempts`]). A sign-in that may begin or not, depending
//! on what becomes of others, waits until they are judged: in line within this process, and by asking the database again and
//! again. So right sign-ins of one account succeed one after the other, and of wrong ones the first refuses the others. The
//! note that a crashed server leaves is a failure after a few seconds.
//!
//! With the note comes a place in the queue for hashing. What is refused or waits takes no place, and what finds none is not
//! noted. The same counts decide how far a client is trusted, and so which places it may take ([`Trust`]).
//!
//! Everything is counted by the clock of the database ([`Accounts::shared_now`]), which is read while the rows are held.
//!
//! This machine's own address is not counted against: a client that runs here needs no guesses, and behind a proxy that is
//! missing in the settings one guesser would shut everyone out.

mod attempt;
mod failures;
mod rates;
mod registration;

use chrono::{DateTime, TimeDelta, Utc};

pub(super) use self::{
    attempt::Attempt,
    registration::{Registering, Waste},
};
use super::{Accounts, error::Error, keyed_lock::KeyedLock, metrics::Limited};
use fieldguard_auth::fingerprint;
use fieldguard_domain::{id::UserId, network::Network, session::Client, user::User};
use fieldguard_store::attempts::Key;

/// How long a sign-in waits for others. With the hash it stays below the five seconds in which every request is answered.
const PATIENCE: TimeDelta = TimeDelta::seconds(4);

impl Accounts {
    fn limited(&self, what: Limited, error: Error) -> Error {
        if let Error::RateLimited { seconds } = error {
            self.counts().limited(what);
            // Neither the name nor the address: a flood of refusals must not become a log of people.
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

fn by_address_tried(user: UserId) -> Key {
    fingerprint::of(&["email", &user.to_string()])
}

fn by_known_address(user: UserId, address: &str) -> Key {
    fingerprint::of(&["known", &user.to_string(), address])
}

/// The address of the client, where it is counted against.
pub(super) fn countable(client: &Client) -> Option<Network> {
    Network::of(client).filter(|network| !network.is_loopback())
}

/// How long to wait, in whole seconds: a client that waits so long is not too early again.
fn too_early(until: DateTime<Utc>, now: DateTime<Utc>) -> Error {
    let seconds = (until - now).num_milliseconds().max(1).unsigned_abs().div_ceil(1_000);
    Error::RateLimited { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) }
}
