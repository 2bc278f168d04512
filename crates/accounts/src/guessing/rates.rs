//! Plain rate limits: refused refresh tokens per address, email addresses tried per account, and what
//! [`registration`](super::registration) counts.

use chrono::TimeDelta;

use super::{by_address_probe, countable, too_early};
use crate::{Accounts, error::Error, metrics::Limited};
use fieldguard_auth::fingerprint;
use fieldguard_domain::{
    guessing::{Rate, TooEarly},
    id::UserId,
    session::Client,
};
use fieldguard_store::{self as store, attempts::Key};

/// Invalid refresh tokens from one address. They cannot be guessed. This limits the load.
const REFUSED_REFRESHES: Rate = Rate { number: 60, per: TimeDelta::hours(1) };

/// Email addresses that one account tries to take. A taken address reveals that it belongs to an account here.
const ADDRESS_PROBES: Rate = Rate { number: 10, per: TimeDelta::hours(1) };

/// The outcome of a passed rate limit.
pub(super) struct RateOutcome {
    /// Whether nothing else was counted within the period.
    pub(super) is_first: bool,
}

impl Accounts {
    /// Counts an invalid refresh token. Call it outside any write transaction. Valid tokens are never counted.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] after too many from that address. Return it instead of the refusal.
    pub(crate) async fn count_refused_refresh(&self, client: &Client) -> Result<(), Error> {
        let Some(network) = countable(client) else { return Ok(()) };
        let passed = self.check_rate(&fingerprint::of(&["refresh", &network.to_string()]), REFUSED_REFRESHES).await;
        passed.map(drop).map_err(|error| self.limited(Limited::Refresh, error))
    }

    /// Counts a request of the account for another email address, whether or not it succeeds. Call it outside any write
    /// transaction, so that the count stays if the change is refused.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] after too many.
    pub(crate) async fn count_address_probe(&self, user: UserId) -> Result<(), Error> {
        let passed = self.check_rate(&by_address_probe(user), ADDRESS_PROBES).await;
        passed.map(drop).map_err(|error| self.limited(Limited::Address, error))
    }

    /// Checks whether the account requested too many email addresses, without counting.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`].
    pub(crate) async fn check_address_probes(&self, user: UserId) -> Result<(), Error> {
        // Dropping the transaction rolls back what locking the count wrote.
        let tx = self.store.write().await?;
        let held = store::attempts::hold(&tx, &by_address_probe(user)).await?;
        let now = self.shared_now(&tx).await?;
        let passed = held.seen_at(now).pass(ADDRESS_PROBES, now).map_err(|TooEarly(until)| too_early(until, now));
        passed.map(drop).map_err(|error| self.limited(Limited::Address, error))
    }

    pub(super) async fn check_rate(&self, key: &Key, rate: Rate) -> Result<RateOutcome, Error> {
        let tx = self.store.write().await?;
        let held = store::attempts::hold(&tx, key).await?;
        let now = self.shared_now(&tx).await?;
        let seen = held.clone().seen_at(now);
        let passed = seen.pass(rate, now).map_err(|TooEarly(until)| too_early(until, now));
        let outcome = RateOutcome { is_first: seen.not_before <= now };
        if passed.is_err() && seen == held {
            return passed.map(|_| outcome);
        }
        store::attempts::keep(&tx, key, passed.as_ref().unwrap_or(&seen)).await?;
        store::attempts::prune(&tx, now).await?;
        tx.commit().await?;
        passed.map(|_| outcome)
    }
}
