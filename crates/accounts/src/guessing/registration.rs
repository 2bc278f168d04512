//! Counts registrations per address, and refunds those that created no account.

use chrono::TimeDelta;
use tokio::time;

use super::{MAX_WAIT, countable};
use crate::{Accounts, error::Error, keyed_lock::Guard, metrics::Limited};
use fieldguard_auth::{
    fingerprint,
    hasher::{Claim, Trust},
};
use fieldguard_domain::{guessing::Rate, session::Client, username::Username};
use fieldguard_store::{self as store, attempts::Key};

/// Passwords that one registration may have checked and refused: users often try several.
const PASSWORD_CHECKS: i32 = 10;

/// A registration that was counted against its address.
pub(crate) struct CountedRegistration {
    /// The key it was counted against, if its address is counted.
    key: Option<Key>,
    /// The claim for a place to hash its password in.
    pub(crate) claim: Claim,
}

/// Why a registration created no account.
#[derive(Clone, Copy)]
pub(crate) enum RefundReason {
    /// It got no hashing place.
    NoPlace,
    /// Its password was checked and refused.
    PasswordRefused,
}

impl Accounts {
    /// Counts a registration from that address, whatever its outcome.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] after too many.
    pub(crate) async fn count_registration(&self, client: &Client) -> Result<CountedRegistration, Error> {
        let network = countable(client);
        let key = network.map(|network| fingerprint::of(&["registration", &network.to_string()]));
        let is_first = match &key {
            Some(key) => {
                let passed = self.check_rate(key, self.registrations()).await;
                passed.map_err(|error| self.limited(Limited::Registration, error))?.is_first
            }
            None => true,
        };
        let trust = if is_first { Trust::Clean } else { Trust::Suspect };
        Ok(CountedRegistration { key, claim: Claim { trust, network } })
    }

    /// Refunds to its address a registration that created no account.
    pub(crate) async fn refund_registration(
        &self,
        counted: &CountedRegistration,
        reason: RefundReason,
    ) -> Result<(), Error> {
        let Some(key) = &counted.key else { return Ok(()) };
        let share = self.registrations().share();
        let part = match reason {
            RefundReason::NoPlace => share,
            RefundReason::PasswordRefused => share - share / PASSWORD_CHECKS,
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
    /// [`Error::Busy`] if they take too long.
    pub(crate) async fn lock_registration(&self, username: &Username) -> Result<Guard, Error> {
        let key = fingerprint::of(&["registering", username.key()]);
        // A manual clock does not advance by itself, so there is no limit.
        let Some(left) = self.clock.stopwatch().left(MAX_WAIT) else { return Ok(self.sign_ins().lock(&key).await) };
        time::timeout(left, self.sign_ins().lock(&key)).await.map_err(|_| Error::Busy)
    }

    fn registrations(&self) -> Rate {
        Rate { number: self.policy.registrations_per_hour, per: TimeDelta::hours(1) }
    }
}
