//! Against guessing: who may try now, decided in the database before anything is hashed, so that guesses made at the same
//! time, or on several replicas, are counted exactly.
//!
//! A sign-in is counted as failed when it begins, and taken back when it succeeds. It counts against the name that was
//! typed, whether or not anybody has it, and against the address. An address from which the account signed in before has a
//! count of its own with that account instead of both: whoever guesses elsewhere keeps nobody from signing in at home.
//!
//! This machine's own address is not counted against: who sits here needs no guesses, and a proxy that was not named in
//! the settings would let one guesser shut everybody out.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Accounts,
    error::Error,
    metrics::Limited,
    turns::{Turn, Turns},
};
use crate::{
    auth::fingerprint,
    domain::{
        guessing::{Attempts, OF_AN_ACCOUNT, OF_AN_ADDRESS, Rate, Steps, TooEarly},
        id::{SecurityEventId, UserId},
        network::Network,
        session::Client,
        user::User,
    },
    store::{self, Tx, attempts::Key},
};

/// Refresh tokens that prove nothing, from one address. They cannot be guessed; this bounds the noise.
const REFUSED_REFRESHES: Rate = Rate { number: 60, per: TimeDelta::hours(1) };

/// Addresses for mail that one account tries to take. Whether one is taken tells that somebody with it has an account here.
const ADDRESSES_TRIED: Rate = Rate { number: 10, per: TimeDelta::hours(1) };

/// A sign-in that was counted and is not judged yet. Dropped, it stays counted as failed.
pub(super) struct Attempt<'a> {
    /// Counted against the name, or against a known address of the account.
    by_account: Key,
    by_address: Option<Key>,
    user: UserId,
    network: Option<Network>,
    event: SecurityEventId,
    _turn: Turn<'a>,
}

impl Accounts {
    /// Counts a sign-in as failed before it is judged. `name` is the canonical name that was typed, `user` whose it is, if
    /// anybody's. Both cost the same.
    pub(super) async fn attempt(
        &self,
        name: &str,
        user: Option<UserId>,
        client: &Client,
    ) -> Result<Attempt<'_>, Error> {
        let by_name = fingerprint::of(&["name", name]);
        let turn = self.turns().wait(&by_name).await;
        let now = self.clock.now();
        let network = Network::of(client);
        // Nobody has a new identifier, so the database looks for it in vain.
        let user = user.unwrap_or_else(|| UserId::new(now));

        let tx = self.store.write().await?;
        let known = match &network {
            Some(it) => store::known_addresses::is_known(&tx, user, it, now).await?,
            None => false,
        };
        let (by_account, by_address) = match network {
            Some(it) if known => (by_known_address(user, &it.to_string()), None),
            other => (by_name, countable(other).map(|it| fingerprint::of(&["address", &it.to_string()]))),
        };
        count(&tx, &by_account, &OF_AN_ACCOUNT, now).await.map_err(|error| self.limited(Limited::SignIn, error))?;
        if let Some(key) = &by_address {
            count(&tx, key, &OF_AN_ADDRESS, now).await.map_err(|error| self.limited(Limited::SignIn, error))?;
        }
        let event = store::security_events::record_attempt(&tx, user, client, now).await?;
        store::attempts::prune(&tx, now).await?;
        tx.commit().await?;
        Ok(Attempt { by_account, by_address, user, network, event, _turn: turn })
    }

    /// Counts a registration from that address, whatever becomes of it.
    pub(super) async fn count_registration(&self, client: &Client) -> Result<(), Error> {
        let rate = Rate { number: self.policy.registrations_per_hour, per: TimeDelta::hours(1) };
        self.pass("registration", client, rate).await.map_err(|error| self.limited(Limited::Registration, error))
    }

    /// Counts a refresh token that proved nothing. To be called outside of any write transaction, and only when it proved
    /// nothing: a good one is never limited.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] where there were too many from that address, to be answered in place of the refusal.
    pub(super) async fn count_refused_refresh(&self, client: &Client) -> Result<(), Error> {
        let passed = self.pass("refresh", client, REFUSED_REFRESHES).await;
        passed.map_err(|error| self.limited(Limited::Refresh, error))
    }

    /// Counts that the account asks for another address for mail, whether or not it gets it. To be called outside of any write
    /// transaction: it stays counted where the change is refused.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] where it asked for too many.
    pub(super) async fn count_address(&self, user: UserId) -> Result<(), Error> {
        let passed = self.pass_by(&by_address_tried(user), ADDRESSES_TRIED).await;
        passed.map_err(|error| self.limited(Limited::Address, error))
    }

    async fn pass(&self, what: &str, client: &Client, rate: Rate) -> Result<(), Error> {
        let Some(network) = countable(Network::of(client)) else { return Ok(()) };
        self.pass_by(&fingerprint::of(&[what, &network.to_string()]), rate).await
    }

    async fn pass_by(&self, key: &Key, rate: Rate) -> Result<(), Error> {
        let now = self.clock.now();
        let tx = self.store.write().await?;
        let held = store::attempts::hold(&tx, key, now).await?;
        let passed = held.pass(rate, now).map_err(|early| too_early(early, now))?;
        store::attempts::keep(&tx, key, &passed).await?;
        store::attempts::prune(&tx, now).await?;
        Ok(tx.commit().await?)
    }

    fn limited(&self, what: Limited, error: Error) -> Error {
        if let Error::RateLimited { seconds } = error {
            self.counts().limited(what);
            // Neither the name nor the address: a flood of refusals must not become a log of people.
            tracing::info!(?what, seconds, "rate limited");
        }
        error
    }

    /// Forgets the failures that were counted against an account whose password is another one now, and from where it
    /// signed in before: that may have been a thief.
    pub(super) async fn forgive(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        for address in store::known_addresses::forget(tx, user.id).await? {
            store::attempts::forget(tx, &by_known_address(user.id, &address)).await?;
        }
        Ok(store::attempts::forget(tx, &by_name(user)).await?)
    }

    /// Forgets the failures that were counted against an account, and nothing else: it is known where its holder signs in
    /// from.
    pub(super) async fn forgive_failures(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        for address in store::known_addresses::all(tx, user.id).await? {
            store::attempts::forget(tx, &by_known_address(user.id, &address)).await?;
        }
        Ok(store::attempts::forget(tx, &by_name(user)).await?)
    }

    /// Forgets every count that an account has, which is about to be gone.
    pub(super) async fn forget_counts(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        self.forgive(tx, user).await?;
        Ok(store::attempts::forget(tx, &by_address_tried(user.id)).await?)
    }

    fn turns(&self) -> &Turns {
        &self.0.turns
    }
}

impl Attempt<'_> {
    /// Takes it back, since it succeeded: the account's failures are forgotten, the address's are one less, and the address
    /// is known from now on. To be committed with what it was for.
    pub(super) async fn succeeded(&self, tx: &Tx, now: DateTime<Utc>) -> Result<(), Error> {
        store::attempts::forget(tx, &self.by_account).await?;
        if let Some(key) = &self.by_address {
            let held = store::attempts::hold(tx, key, now).await?;
            store::attempts::keep(tx, key, &held.one_less()).await?;
        }
        store::security_events::withdraw(tx, self.event).await?;
        if let Some(network) = &self.network {
            store::known_addresses::remember(tx, self.user, network, now).await?;
        }
        Ok(())
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

/// The address, where it is counted against.
fn countable(network: Option<Network>) -> Option<Network> {
    network.filter(|it| !it.is_loopback())
}

async fn count(tx: &Tx, key: &Key, steps: &Steps, now: DateTime<Utc>) -> Result<(), Error> {
    let held: Attempts = store::attempts::hold(tx, key, now).await?;
    let counted = held.attempt(steps, now).map_err(|early| too_early(early, now))?;
    Ok(store::attempts::keep(tx, key, &counted).await?)
}

/// How long to wait, in whole seconds: whoever waits so long is not too early again.
fn too_early(TooEarly(until): TooEarly, now: DateTime<Utc>) -> Error {
    let seconds = (until - now).num_milliseconds().max(1).unsigned_abs().div_ceil(1_000);
    Error::RateLimited { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) }
}
