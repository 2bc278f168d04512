//! A sign-in attempt, which is recorded before its password or its code is verified. See [`super`].

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{runtime::Handle, time};

use super::{MAX_WAIT, by_code, by_code_from_known_address, by_known_address, countable, too_early};
use crate::{
    Accounts,
    clock::Stopwatch,
    error::Error,
    keyed_lock::{Guard, KeyedLock},
    metrics::Limited,
};
use fieldguard_auth::{
    fingerprint,
    hasher::{Claim, Place, Trust},
};
use fieldguard_domain::{
    audit::Entry,
    guessing::{Attempts, OF_AN_ACCOUNT, OF_AN_ADDRESS, Refusal, Steps},
    id::{SecurityEventId, UserId},
    network::Network,
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx, attempts::Key};

/// The first delay before the database is read again for the outcome of a sign-in at another replica. It doubles each
/// time.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest such delay.
const MAX_PAUSE: Duration = Duration::from_millis(160);

/// Who signs in, and from where.
struct SignInRequest<'a> {
    proof: Proof<'a>,
    /// The account, or a new id if there is none.
    user: UserId,
    network: Option<Network>,
    client: &'a Client,
    since: Stopwatch<'a>,
    /// Whether the client has a session of the account.
    has_session: bool,
}

/// What is verified.
#[derive(Clone, Copy)]
enum Proof<'a> {
    /// A password, for this name.
    Password(&'a str),
    /// A code of the account's second factor.
    Code,
}

/// The keys that a sign-in counts against.
#[derive(Clone, Copy)]
struct Counted {
    /// The name, the account, or a known address of the account.
    by_account: Key,
    by_address: Option<Key>,
    /// Whether the account signed in from the address before.
    is_known: bool,
}

/// The counts of a sign-in, locked against other transactions.
struct Held {
    counts: Vec<(Key, &'static Steps, Attempts)>,
    /// When the counts were read.
    now: DateTime<Utc>,
    /// Whether the passage of time changed the counts. The change is committed even if the sign-in is refused.
    is_changed: bool,
}

/// A sign-in in flight. If it is dropped before the password is verified, it counts as failed: the client disconnected,
/// or the server had an error.
pub(crate) struct Attempt {
    accounts: Accounts,
    counted: Counted,
    /// When it began. This identifies its in-flight record.
    begun: DateTime<Utc>,
    user: UserId,
    network: Option<Network>,
    event: SecurityEventId,
    is_judged: bool,
    /// The lock that other sign-ins of this process wait for. Dropping it lets the next one continue.
    queue_lock: Option<Guard>,
}

/// Why a sign-in did not begin.
enum BeginError {
    /// Other sign-ins with this key are in flight. The error is for a client that has waited long enough.
    InFlight(Key, Error),
    /// It is refused.
    Refused(Error),
}

impl Accounts {
    /// Records a sign-in as in flight before its password is verified, and reserves a hashing place. `name` is the
    /// canonical name that was typed, `user` the account with that name, if any. Both cases cost the same. `since`
    /// started when the request arrived.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] after too many failures, or if other sign-ins of the account take too long.
    /// [`Error::Busy`] if no hashing place is free for this client. Neither counts as a failure.
    pub(crate) async fn attempt(
        &self,
        name: &str,
        user: Option<UserId>,
        client: &Client,
        since: Stopwatch<'_>,
    ) -> Result<(Attempt, Place), Error> {
        self.begin_attempt(name, user, client, since, false).await
    }

    /// Records the use of a code as in flight before it is verified. Codes count apart from passwords, and take no
    /// hashing place.
    pub(crate) async fn attempt_code(
        &self,
        user: UserId,
        client: &Client,
        since: Stopwatch<'_>,
    ) -> Result<Attempt, Error> {
        let network = Network::of(client);
        let request = SignInRequest { proof: Proof::Code, user, network, client, since, has_session: false };
        let begun = self.begin_queued(&request, |_| Ok(())).await;
        begun.map(|(attempt, ())| attempt).map_err(|error| self.limited(Limited::SignIn, error))
    }

    /// The same for a caller with a session of the account.
    pub(crate) async fn attempt_of_caller(
        &self,
        user: &User,
        client: &Client,
        since: Stopwatch<'_>,
    ) -> Result<(Attempt, Place), Error> {
        self.begin_attempt(user.username.key(), Some(user.id), client, since, true).await
    }

    async fn begin_attempt(
        &self,
        name: &str,
        user: Option<UserId>,
        client: &Client,
        since: Stopwatch<'_>,
        has_session: bool,
    ) -> Result<(Attempt, Place), Error> {
        let _pending = self.counts().pending();
        let request = SignInRequest {
            proof: Proof::Password(name),
            // No account has a new id, so the database finds none.
            user: user.unwrap_or_else(|| UserId::new(self.clock.now())),
            network: Network::of(client),
            client,
            since,
            has_session,
        };
        self.check_capacity(&request).await?;
        let reserve = |trust| {
            let claim = Claim { trust, network: countable(client) };
            self.hasher.reserve(claim).map_err(Error::from)
        };
        let begun = self.begin_queued(&request, reserve).await;
        begun.map_err(|error| self.limited(Limited::SignIn, error))
    }

    /// Refuses a client that gets no hashing place whatever its counts are. This costs one read at most: refused
    /// requests of a flood must not use up the database connections of others.
    async fn check_capacity(&self, request: &SignInRequest<'_>) -> Result<(), Error> {
        let network = countable(request.client);
        let has_room = |trust| self.hasher.has_room(Claim { trust, network });
        if has_room(Trust::Clean) {
            return Ok(());
        }
        let is_known = match &request.network {
            _ if request.has_session => true,
            Some(network) if has_room(Trust::Known) => {
                store::known_addresses::is_known(&self.store, request.user, network, self.clock.now()).await?
            }
            _ => false,
        };
        if is_known && has_room(Trust::Known) { Ok(()) } else { Err(Error::Busy) }
    }

    /// `reserve` takes a place where the proof is verified.
    async fn begin_queued<P>(
        &self,
        request: &SignInRequest<'_>,
        reserve: impl Fn(Trust) -> Result<P, Error>,
    ) -> Result<(Attempt, P), Error> {
        let (mut queue_lock, mut pause): (Option<Guard>, _) = (None, FIRST_PAUSE);
        loop {
            let (key, late) = match self.begin_locked(request, &reserve).await {
                Ok((attempt, place)) => return Ok((attempt.holding_lock(queue_lock, self.sign_ins()), place)),
                Err(BeginError::Refused(error)) => return Err(error),
                Err(BeginError::InFlight(key, error)) => (key, error),
            };
            if request.since.elapsed() >= MAX_WAIT {
                return Err(late);
            }
            if queue_lock.as_ref().is_some_and(|held| held.is_of(&key)) {
                time::sleep(pause).await;
                pause = (pause * 2).min(MAX_PAUSE);
            } else {
                // Hold one lock at a time, or two sign-ins could wait for each other.
                drop(queue_lock.take());
                queue_lock = Some(request.wait_for(self.sign_ins().lock(&key)).await?);
            }
        }
    }

    /// Sign-ins with the same name read the database one after the other, so that a flood of them takes one connection.
    async fn begin_locked<P>(
        &self,
        request: &SignInRequest<'_>,
        reserve: impl Fn(Trust) -> Result<P, Error>,
    ) -> Result<(Attempt, P), BeginError> {
        let name_key = request.turn();
        let _name_lock = request.wait_for(self.sign_ins().lock(&name_key)).await?;
        let tx = self.store.write().await?;
        let counted = self.counted(&tx, request).await?;
        let held = self.hold(&tx, &counted).await?;
        let (begun, place) = match Self::admit(&held, &counted, request, reserve) {
            Ok(admitted) => admitted,
            Err(hindrance) => {
                if held.is_changed {
                    tx.commit().await?;
                }
                return Err(hindrance);
            }
        };
        for (key, attempts) in &begun {
            store::attempts::keep(&tx, key, attempts).await?;
        }
        let now = held.now;
        let event = store::security_events::record_attempt(&tx, request.user, request.client, now).await?;
        store::attempts::prune(&tx, now).await?;
        let (user, network) = (request.user, request.network);
        let attempt = Attempt {
            accounts: self.clone(),
            counted,
            begun: now,
            user,
            network,
            event,
            is_judged: false,
            queue_lock: None,
        };
        // The attempt exists before its record: if the client disconnects during the commit, it counts as failed.
        if let Err(error) = tx.commit().await {
            attempt.close();
            return Err(error.into());
        }
        Ok((attempt, place))
    }

    /// The counts with one more in flight, and a hashing place for it. The counts are checked first, so that a refused
    /// sign-in takes no place.
    fn admit<P>(
        held: &Held,
        counted: &Counted,
        request: &SignInRequest<'_>,
        reserve: impl Fn(Trust) -> Result<P, Error>,
    ) -> Result<(Vec<(Key, Attempts)>, P), BeginError> {
        let begun = held.begin(request.since.elapsed())?;
        let trust = if request.has_session || counted.is_known {
            Trust::Known
        } else if held.is_clean() {
            Trust::Clean
        } else {
            Trust::Suspect
        };
        Ok((begun, reserve(trust)?))
    }

    async fn counted(&self, tx: &Tx, request: &SignInRequest<'_>) -> Result<Counted, Error> {
        let known = match &request.network {
            Some(network) => {
                let now = self.shared_now(tx).await?;
                store::known_addresses::is_known(tx, request.user, network, now).await?.then_some(network)
            }
            None => None,
        };
        if let Some(network) = known {
            let by_account = request.key_from_known_address(&network.to_string());
            return Ok(Counted { by_account, by_address: None, is_known: true });
        }
        let by_address = countable(request.client).map(|network| fingerprint::of(&["address", &network.to_string()]));
        Ok(Counted { by_account: request.key(), by_address, is_known: false })
    }

    /// Locks the counts and brings them up to date. The time is read after the lock, so that another transaction's
    /// writes are never in the future.
    async fn hold(&self, tx: &Tx, counted: &Counted) -> Result<Held, Error> {
        let mut counts = Vec::with_capacity(2);
        for (key, steps) in counted.in_order() {
            counts.push((key, steps, store::attempts::hold(tx, &key).await?));
        }
        let now = self.shared_now(tx).await?;
        let mut is_changed = false;
        for (key, steps, attempts) in &mut counts {
            let settled = attempts.clone().settled(steps, now);
            if settled != *attempts {
                store::attempts::keep(tx, key, &settled).await?;
                (*attempts, is_changed) = (settled, true);
            }
        }
        Ok(Held { counts, now, is_changed })
    }

    /// Counts an attempt that began at `begun` as failed.
    async fn count_failure(&self, tx: &Tx, counted: &Counted, begun: DateTime<Utc>) -> Result<(), Error> {
        let Held { counts, now, .. } = self.hold(tx, counted).await?;
        for (key, steps, attempts) in counts {
            store::attempts::keep(tx, &key, &attempts.failed(steps, begun, now)).await?;
        }
        Ok(())
    }

    async fn fail_abandoned(&self, counted: &Counted, begun: DateTime<Utc>) -> Result<(), Error> {
        let tx = self.store.write().await?;
        self.count_failure(&tx, counted, begun).await?;
        Ok(tx.commit().await?)
    }
}

impl SignInRequest<'_> {
    /// The key of those that read the database one after the other.
    fn turn(&self) -> Key {
        match self.proof {
            Proof::Password(name) => fingerprint::of(&["turn", name]),
            Proof::Code => fingerprint::of(&["turn of code", &self.user.to_string()]),
        }
    }

    /// The key to count against, from an address that is not known.
    fn key(&self) -> Key {
        match self.proof {
            Proof::Password(name) => fingerprint::of(&["name", name]),
            Proof::Code => by_code(self.user),
        }
    }

    /// The key to count against, from a known address of the account.
    fn key_from_known_address(&self, address: &str) -> Key {
        match self.proof {
            Proof::Password(_) => by_known_address(self.user, address),
            Proof::Code => by_code_from_known_address(self.user, address),
        }
    }

    /// Waits for another sign-in for a limited time.
    async fn wait_for<T>(&self, other: impl Future<Output = T>) -> Result<T, Error> {
        // A manual clock does not advance by itself, so there is no limit.
        let Some(left) = self.since.left(MAX_WAIT) else { return Ok(other.await) };
        time::timeout(left, other).await.map_err(|_| Error::RateLimited { seconds: 1 })
    }
}

impl Counted {
    /// The keys in the order in which every transaction locks them.
    fn in_order(&self) -> impl Iterator<Item = (Key, &'static Steps)> {
        let by_address = self.by_address.map(|key| (key, &OF_AN_ADDRESS));
        [(self.by_account, &OF_AN_ACCOUNT)].into_iter().chain(by_address)
    }
}

impl Held {
    /// The counts with one more in flight, which was requested `waited` ago.
    fn begin(&self, waited: TimeDelta) -> Result<Vec<(Key, Attempts)>, BeginError> {
        let begin = |(key, steps, attempts): &(Key, &'static Steps, Attempts)| match attempts.begin(
            steps,
            self.now - waited,
            self.now,
        ) {
            Ok(begun) => Ok((*key, begun)),
            Err(Refusal::TooEarly(until)) => Err(BeginError::Refused(too_early(until, self.now))),
            Err(Refusal::InFlight(until)) => Err(BeginError::InFlight(*key, too_early(until, self.now))),
        };
        self.counts.iter().map(begin).collect()
    }

    /// Whether neither the name nor the address has failures.
    fn is_clean(&self) -> bool {
        self.counts.iter().all(|(_, _, attempts)| attempts.is_clean(self.now))
    }
}

impl Attempt {
    /// Holds the lock of the sign-ins that count against the same key. Later sign-ins of this process continue as soon
    /// as this one is verified.
    fn holding_lock(mut self, queue_lock: Option<Guard>, sign_ins: &KeyedLock) -> Self {
        let by_account = &self.counted.by_account;
        self.queue_lock = queue_lock.filter(|held| held.is_of(by_account)).or_else(|| sign_ins.try_lock(by_account));
        self
    }

    /// Counts the attempt as failed, with the audit event `entry`.
    pub(crate) async fn failed(mut self, entry: Entry) -> Result<(), Error> {
        let tx = self.accounts.store.write().await?;
        self.accounts.count_failure(&tx, &self.counted, self.begun).await?;
        tx.note(entry);
        tx.commit().await?;
        self.is_judged = true;
        Ok(())
    }

    /// Takes the attempt back, which failed for another reason than its password or code.
    pub(crate) async fn withdraw(mut self) -> Result<(), Error> {
        let tx = self.accounts.store.write().await?;
        for (key, _) in self.counted.in_order() {
            let held = store::attempts::hold(&tx, &key).await?;
            store::attempts::keep(&tx, &key, &held.succeeded(self.begun)).await?;
        }
        store::security_events::withdraw(&tx, self.event).await?;
        tx.commit().await?;
        self.is_judged = true;
        Ok(())
    }

    /// Marks the attempt as succeeded, and remembers the address. Commit `tx`, then call [`Attempt::close`].
    pub(crate) async fn succeeded(&self, tx: &Tx, now: DateTime<Utc>) -> Result<(), Error> {
        self.verified(tx).await?;
        if let Some(network) = &self.network {
            store::known_addresses::remember(tx, self.user, network, now).await?;
        }
        Ok(())
    }

    /// Marks the attempt as succeeded: resets the account's failures. Of a sign-in, the address is remembered with the
    /// session, because a password alone may not suffice. Commit `tx`, then call [`Attempt::close`].
    pub(crate) async fn verified(&self, tx: &Tx) -> Result<(), Error> {
        store::attempts::forget(tx, &self.counted.by_account).await?;
        if let Some(key) = &self.counted.by_address {
            let held = store::attempts::hold(tx, key).await?;
            store::attempts::keep(tx, key, &held.succeeded(self.begun)).await?;
        }
        Ok(store::security_events::withdraw(tx, self.event).await?)
    }

    /// Closes the attempt after its success is committed.
    pub(crate) fn close(mut self) {
        self.is_judged = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // Without a runtime, the server is shutting down, and the record becomes a failure by itself.
        let (false, Ok(runtime)) = (self.is_judged, Handle::try_current()) else { return };
        let (accounts, counted, begun) = (self.accounts.clone(), self.counted, self.begun);
        runtime.spawn(async move {
            if let Err(error) = accounts.fail_abandoned(&counted, begun).await {
                tracing::debug!(%error, "an abandoned sign-in is not counted yet; it counts as failed after a few seconds");
            }
        });
    }
}

impl From<Error> for BeginError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<store::Error> for BeginError {
    fn from(error: store::Error) -> Self {
        Self::Refused(error.into())
    }
}
