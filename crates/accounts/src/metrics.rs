//! Metrics for operators: how much work was done and how much was refused. They count from the start of this process,
//! for this process only, and identify no user.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use fieldguard_domain::measure::{CacheUse, Histogram, Snapshot};
use fieldguard_store::PoolUse;

use super::{Accounts, error::Error};

/// The metrics at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// The number of password hashes computed.
    pub hashes: u64,
    /// Places taken in the hashing queue: passwords that are being checked or hashed, or wait for it.
    pub hashing: usize,
    /// Password verifications that wait for others of their name or address, or are being counted.
    pub waiting: usize,
    /// Sign-ins with a password, by outcome.
    pub sign_ins: [(&'static str, u64); 5],
    /// Refusals by a rate limit, by what was attempted.
    pub limited: [(&'static str, u64); 5],
    /// The hits and the misses of each cache.
    pub caches: [(&'static str, (u64, u64)); 3],
    /// Attempts to deliver webhook events, by outcome.
    pub webhooks: [(&'static str, u64); 3],
    /// Attempts to send mails, by outcome.
    pub mails: [(&'static str, u64); 3],
    /// How old the rights were that a request was answered with, if they came out of the cache.
    pub staleness: Snapshot,
    /// The pools of connections to the database.
    pub pools: [(&'static str, PoolUse); 2],
    /// The seconds since the signing key was created. `None` for a configured secret.
    pub key_age: Option<u64>,
    /// The seconds since the keys were last compared with the database. `None` before the first time.
    pub keys_read: Option<u64>,
}

/// What a rate limit refused.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limited {
    /// A password verification.
    SignIn,
    /// A registration.
    Registration,
    /// A refresh token.
    Refresh,
    /// Another email address.
    Address,
    /// A mail.
    Mail,
}

/// What came of an attempt to deliver a webhook event.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attempted {
    /// The receiver accepted it.
    Delivered,
    /// It is tried again.
    Failed,
    /// It was given up.
    Dead,
}

/// What came of an attempt to send a mail.
#[derive(Debug, Clone, Copy)]
pub(super) enum MailAttempt {
    /// The mail server accepted it.
    Sent,
    /// It is tried again.
    Failed,
    /// It was given up.
    Dead,
}

/// The counters behind [`Metrics`].
#[derive(Default)]
pub(super) struct Counts {
    succeeded: AtomicU64,
    refused: AtomicU64,
    early: AtomicU64,
    unavailable: AtomicU64,
    failed: AtomicU64,
    limited: [AtomicU64; 5],
    pending: AtomicUsize,
    webhooks: [AtomicU64; 3],
    mails: [AtomicU64; 3],
    pub(super) principal: CacheUse,
    pub(super) own_account: CacheUse,
    pub(super) staleness: Histogram,
}

/// A password verification that was requested and is not hashed yet. Counted until dropped.
pub(super) struct Pending<'a>(&'a AtomicUsize);

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counts {
    pub(super) fn pending(&self) -> Pending<'_> {
        self.pending.fetch_add(1, Ordering::Relaxed);
        Pending(&self.pending)
    }

    pub(super) fn limited(&self, what: Limited) {
        self.limited[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn attempted(&self, what: Attempted) {
        self.webhooks[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn mail_attempted(&self, what: MailAttempt) {
        self.mails[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn sign_in<T>(&self, outcome: &Result<T, Error>) {
        let count = match outcome {
            Ok(_) => &self.succeeded,
            Err(Error::InvalidCredentials) => &self.refused,
            Err(Error::RateLimited { .. }) => &self.early,
            Err(error) if error.is_temporary() => &self.unavailable,
            Err(_) => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Accounts {
    /// The current metrics.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let counts = self.counts();
        let Counts { succeeded, refused, early, unavailable, failed, limited, pending, webhooks, .. } = counts;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let [sign_in, registration, refresh, address, mail] = limited;
        let [sent, not_sent, undeliverable] = &counts.mails;
        let [delivered, retried, dead] = webhooks;
        let work = self.hasher.work();
        Metrics {
            hashes: work.computed,
            hashing: work.places,
            waiting: pending.load(Ordering::Relaxed),
            sign_ins: [
                ("succeeded", read(succeeded)),
                ("refused", read(refused)),
                ("rate_limited", read(early)),
                ("unavailable", read(unavailable)),
                ("failed", read(failed)),
            ],
            limited: [
                ("sign_in", read(sign_in)),
                ("registration", read(registration)),
                ("refresh", read(refresh)),
                ("address", read(address)),
                ("mail", read(mail)),
            ],
            caches: [
                ("access_tokens", self.tokens.cache_use().hits_and_misses()),
                ("principals", counts.principal.hits_and_misses()),
                ("own_accounts", counts.own_account.hits_and_misses()),
            ],
            webhooks: [("delivered", read(delivered)), ("failed", read(retried)), ("dead", read(dead))],
            mails: [("sent", read(sent)), ("failed", read(not_sent)), ("dead", read(undeliverable))],
            staleness: counts.staleness.snapshot(),
            pools: self.store.pools(),
            key_age: self.keyring.signing_key_created_at().map(|at| seconds_between(at, self.clock.now())),
            keys_read: self.keys_followed_at().map(|at| at.elapsed().as_secs()),
        }
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.0.counts
    }
}

fn seconds_between(from: DateTime<Utc>, to: DateTime<Utc>) -> u64 {
    u64::try_from((to - from).num_seconds()).unwrap_or_default()
}
