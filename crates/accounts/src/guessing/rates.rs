//! What is limited by its number in a time alone: refused refresh tokens from one address, addresses for mail that one account
//! asks for, and what [`registration`](super::registration) counts.

use chrono::TimeDelta;

use super::{by_address_tried, countable, too_early};
use crate::{Accounts, error::Error, metrics::Limited};
use fieldguard_auth::fingerprint;
use fieldguard_domain::{
    guessing::{Rate, TooEarly},
    id::UserId,
    session::Client,
};
use fieldguard_store::{self as store, attempts::Key};

/// Refresh tokens that prove nothing, from one address. They cannot be guessed; this bounds the noise.
const REFUSED_REFRESHES: Rate = Rate { number: 60, per: TimeDelta::hours(1) };

/// Addresses for mail that one account tries to take. Whether one is taken tells that it belongs to an account here.
const ADDRESSES_TRIED: Rate = Rate { number: 10, per: TimeDelta::hours(1) };

/// What passed a rate.
pub(super) struct Passed {
    /// Whether nothing else was counted in the time of the rate.
    pub(super) is_first: bool,
}

impl Accounts {
    /// Counts a refresh token that proved nothing. To be called outside of any write transaction, and only when it proved
    /// nothing: a good one is never limited.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] where there were too many from that address, to be answered in place of the refusal.
    pub(crate) async fn count_refused_refresh(&self, client: &Client) -> Result<(), Error> {
        let Some(network) = countable(client) else { return Ok(()) };
        let passed = self.pass_by(&fingerprint::of(&["refresh", &network.to_string()]), REFUSED_REFRESHES).await;
        passed.map(drop).map_err(|error| self.limited(Limited::Refresh, error))
    }

    /// Counts that the account asks for another address for mail, whether or not it gets it. To be called outside of any write
    /// transaction: it stays counted where the change is refused.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] where it asked for too many.
    pub(crate) async fn count_address(&self, user: UserId) -> Result<(), Error> {
        let passed = self.pass_by(&by_address_tried(user), ADDRESSES_TRIED).await;
        passed.map(drop).map_err(|error| self.limited(Limited::Address, error))
    }

    /// Refuses where the account asked for too many addresses, and counts nothing.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`].
    pub(crate) async fn may_try_address(&self, user: UserId) -> Result<(), Error> {
        // Its end takes back what holding the count wrote.
        let tx = self.store.write().await?;
        let held = store::attempts::hold(&tx, &by_address_tried(user)).await?;
        let now = self.shared_now(&tx).await?;
        let passed = held.seen_at(now).pass(ADDRESSES_TRIED, now).map_err(|TooEarly(until)| too_early(until, now));
        passed.map(drop).map_err(|error| self.limited(Limited::Address, error))
    }

    pub(super) async fn pass_by(&self, key: &Key, rate: Rate) -> Result<Passed, Error> {
        let tx = self.store.write().await?;
        let held = store::attempts::hold(&tx, key).await?;
        let now = self.shared_now(&tx).await?;
        let seen = held.clone().seen_at(now);
        let passed = seen.pass(rate, now).map_err(|TooEarly(until)| too_early(until, now));
        let outcome = Passed { is_first: seen.not_before <= now };
        if passed.is_err() && seen == held {
            return passed.map(|_| outcome);
        }
        store::attempts::keep(&tx, key, passed.as_ref().unwrap_or(&seen)).await?;
        store::attempts::prune(&tx, now).await?;
        tx.commit().await?;
        passed.map(|_| outcome)
    }
}
