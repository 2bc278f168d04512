//! How many registrations come from one address, and what those cost of which no account came.

use chrono::TimeDelta;
use tokio::time;

use super::{PATIENCE, countable};
use crate::{Accounts, error::Error, keyed_lock::Guard, metrics::Limited};
use fieldguard_auth::{
    fingerprint,
    hasher::{Claim, Trust},
};
use fieldguard_domain::{guessing::Rate, session::Client, username::Username};
use fieldguard_store::{self as store, attempts::Key};

/// Passwords that may be judged and refused for one registration: a person tries some until one is accepted.
const JUDGEMENTS: i32 = 10;

/// A registration that was counted against its address.
pub(crate) struct Registering {
    /// What it was counted by, where its address is counted.
    key: Option<Key>,
    /// The claim for a place to hash its password in.
    pub(crate) claim: Claim,
}

/// What a registration cost that no account came of.
#[derive(Clone, Copy)]
pub(crate) enum Waste {
    /// It found no place.
    Nothing,
    /// Its password was judged, and refused.
    Judgement,
}

impl Accounts {
    /// Counts a registration from that address, whatever becomes of it.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] where there were too many.
    pub(crate) async fn count_registration(&self, client: &Client) -> Result<Registering, Error> {
        let network = countable(client);
        let key = network.map(|network| fingerprint::of(&["registration", &network.to_string()]));
        let is_first = match &key {
            Some(key) => {
                let passed = self.pass_by(key, self.registrations()).await;
                passed.map_err(|error| self.limited(Limited::Registration, error))?.is_first
            }
            None => true,
        };
        let trust = if is_first { Trust::Clean } else { Trust::Suspect };
        Ok(Registering { key, claim: Claim { trust, network } })
    }

    /// Gives a registration back to its address that no account came of.
    pub(crate) async fn give_back(&self, registering: &Registering, waste: Waste) -> Result<(), Error> {
        let Some(key) = &registering.key else { return Ok(()) };
        let share = self.registrations().share();
        let part = match waste {
            Waste::Nothing => share,
            Waste::Judgement => share - share / JUDGEMENTS,
        };
        let tx = self.store.write().await?;
        let held = store::attempts::hold(&tx, key).await?;
        let now = self.shared_now(&tx).await?;
        store::attempts::keep(&tx, key, &held.seen_at(now).given_back(part, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Waits for other registrations of that name in this process.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] where they take too long.
    pub(crate) async fn turn_to_register(&self, username: &Username) -> Result<Guard, Error> {
        let key = fingerprint::of(&["registering", username.key()]);
        // A clock that a test turns does not move by itself.
        let Some(left) = self.clock.stopwatch().left(PATIENCE) else { return Ok(self.sign_ins().lock(&key).await) };
        time::timeout(left, self.sign_ins().lock(&key)).await.map_err(|_| Error::Busy)
    }

    fn registrations(&self) -> Rate {
        Rate { number: self.policy.registrations_per_hour, per: TimeDelta::hours(1) }
    }
}
