//! A sign-in that is noted before its password is judged: see [`super`].

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{runtime::Handle, time};

use super::{PATIENCE, by_known_address, countable, too_early};
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

/// The first pause before the database is asked again what became of a sign-in elsewhere. It doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(160);

/// Who signs in, and from where.
struct Arrival<'a> {
    name: &'a str,
    /// The account, or the identifier of none.
    user: UserId,
    network: Option<Network>,
    client: &'a Client,
    since: Stopwatch<'a>,
    /// Whether the client has a session of the account.
    has_session: bool,
}

/// What a sign-in is counted by.
#[derive(Clone, Copy)]
struct Counted {
    /// The name, or a known address of the account.
    by_account: Key,
    by_address: Option<Key>,
    /// Whether the account signed in from the address before.
    is_known: bool,
}

/// The counts of a sign-in, which no other transaction changes.
struct Held {
    counts: Vec<(Key, &'static Steps, Attempts)>,
    /// When that was.
    now: DateTime<Utc>,
    /// Whether time alone made others of them, which is to be committed even where the sign-in is refused.
    is_changed: bool,
}

/// A sign-in that is in flight. Dropped before it is judged, it has failed: the client hung up, or the server had trouble.
pub(crate) struct Attempt {
    accounts: Accounts,
    counted: Counted,
    /// When it began, by which its note is found again.
    begun: DateTime<Utc>,
    user: UserId,
    network: Option<Network>,
    event: SecurityEventId,
    is_judged: bool,
    /// Sign-ins of this process that wait for this one go on when it is dropped.
    line: Option<Guard>,
}

/// Why a sign-in did not begin.
enum Hindrance {
    /// Others are in flight that are counted by this key. The error is for a client that has waited long enough.
    InFlight(Key, Error),
    /// It is refused.
    Refused(Error),
}

impl Accounts {
    /// Notes a sign-in as in flight before it is judged, which was asked for when `since` began, and takes a place to judge it in.
    /// `name` is the canonical name that was typed, `user` the account that has it, if any. Both cost the same.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] after too many failures, and where others of the account take too long; [`Error::Busy`] where no
    /// place is left for this client. Neither is counted.
    pub(crate) async fn attempt(
        &self,
        name: &str,
        user: Option<UserId>,
        client: &Client,
        since: Stopwatch<'_>,
    ) -> Result<(Attempt, Place), Error> {
        self.arrive(name, user, client, since, false).await
    }

    /// The same for a caller with a session of the account.
    pub(crate) async fn attempt_of_caller(
        &self,
        user: &User,
        client: &Client,
        since: Stopwatch<'_>,
    ) -> Result<(Attempt, Place), Error> {
        self.arrive(user.username.key(), Some(user.id), client, since, true).await
    }

    async fn arrive(
        &self,
        name: &str,
        user: Option<UserId>,
        client: &Client,
        since: Stopwatch<'_>,
        has_session: bool,
    ) -> Result<(Attempt, Place), Error> {
        let _pending = self.counts().pending();
        let arrival = Arrival {
            name,
            // No account has a new identifier, so the database looks for it in vain.
            user: user.unwrap_or_else(|| UserId::new(self.clock.now())),
            network: Network::of(client),
            client,
            since,
            has_session,
        };
        self.heed_crowd(&arrival).await?;
        let begun = self.begin_in_line(&arrival).await;
        begun.map_err(|error| self.limited(Limited::SignIn, error))
    }

    /// Refuses a client that finds no place however its counts stand. It costs a read at most: a flood that is refused must not take
    /// the connections of the database from people who find one.
    async fn heed_crowd(&self, arrival: &Arrival<'_>) -> Result<(), Error> {
        let network = countable(arrival.client);
        let has_room = |trust| self.hasher.has_room(Claim { trust, network });
        if has_room(Trust::Clean) {
            return Ok(());
        }
        let is_known = match &arrival.network {
            _ if arrival.has_session => true,
            Some(network) if has_room(Trust::Known) => {
                store::known_addresses::is_known(&self.store, arrival.user, network, self.clock.now()).await?
            }
            _ => false,
        };
        if is_known && has_room(Trust::Known) { Ok(()) } else { Err(Error::Busy) }
    }

    async fn begin_in_line(&self, arrival: &Arrival<'_>) -> Result<(Attempt, Place), Error> {
        let (mut line, mut pause): (Option<Guard>, _) = (None, FIRST_PAUSE);
        loop {
            let (key, late) = match self.begin_in_turn(arrival).await {
                Ok((attempt, place)) => return Ok((attempt.at_the_head_of(line, self.sign_ins()), place)),
                Err(Hindrance::Refused(error)) => return Err(error),
                Err(Hindrance::InFlight(key, error)) => (key, error),
            };
            if arrival.since.elapsed() >= PATIENCE {
                return Err(late);
            }
            if line.as_ref().is_some_and(|held| held.is_of(&key)) {
                time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            } else {
                // Never in two lines at once, or two sign-ins could wait for each other.
                drop(line.take());
                line = Some(arrival.wait_for(self.sign_ins().lock(&key)).await?);
            }
        }
    }

    /// Sign-ins with one name ask one after the other: a flood of them takes one connection to the database.
    async fn begin_in_turn(&self, arrival: &Arrival<'_>) -> Result<(Attempt, Place), Hindrance> {
        let turn = fingerprint::of(&["turn", arrival.name]);
        let _turn = arrival.wait_for(self.sign_ins().lock(&turn)).await?;
        let tx = self.store.write().await?;
        let counted = self.counted(&tx, arrival).await?;
        let held = self.hold(&tx, &counted).await?;
        let (begun, place) = match self.admit(&held, &counted, arrival) {
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
        let event = store::security_events::record_attempt(&tx, arrival.user, arrival.client, now).await?;
        store::attempts::prune(&tx, now).await?;
        let (user, network) = (arrival.user, arrival.network);
        let attempt =
            Attempt { accounts: self.clone(), counted, begun: now, user, network, event, is_judged: false, line: None };
        // The attempt is there before its note is: a client that hangs up while the commit is under way has failed, too.
        if let Err(error) = tx.commit().await {
            attempt.close();
            return Err(error.into());
        }
        Ok((attempt, place))
    }

    /// The counts with one more in flight, and a place for it. The counts come first: what they refuse takes no place.
    fn admit(
        &self,
        held: &Held,
        counted: &Counted,
        arrival: &Arrival<'_>,
    ) -> Result<(Vec<(Key, Attempts)>, Place), Hindrance> {
        let begun = held.begin(arrival.since.elapsed())?;
        let trust = if arrival.has_session || counted.is_known {
            Trust::Known
        } else if held.is_clean() {
            Trust::Clean
        } else {
            Trust::Suspect
        };
        let claim = Claim { trust, network: countable(arrival.client) };
        let place = self.hasher.reserve(claim).map_err(Error::from)?;
        Ok((begun, place))
    }

    async fn counted(&self, tx: &Tx, arrival: &Arrival<'_>) -> Result<Counted, Error> {
        let known = match &arrival.network {
            Some(network) => {
                let now = self.shared_now(tx).await?;
                store::known_addresses::is_known(tx, arrival.user, network, now).await?.then_some(network)
            }
            None => None,
        };
        if let Some(network) = known {
            let by_account = by_known_address(arrival.user, &network.to_string());
            return Ok(Counted { by_account, by_address: None, is_known: true });
        }
        let by_address = countable(arrival.client).map(|network| fingerprint::of(&["address", &network.to_string()]));
        Ok(Counted { by_account: fingerprint::of(&["name", arrival.name]), by_address, is_known: false })
    }

    /// Holds the counts as they stand now. The time is read once they are held: what another transaction wrote while this one
    /// waited for them is not from the future.
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

    /// Counts an attempt as failed that began at `begun`.
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

impl Arrival<'_> {
    /// Waits for another sign-in, but not for too long.
    async fn wait_for<T>(&self, other: impl Future<Output = T>) -> Result<T, Error> {
        // Manual hands don't move by themselves: where they stand still, no time passes.
        let Some(left) = self.since.left(PATIENCE) else { return Ok(other.await) };
        time::timeout(left, other).await.map_err(|_| Error::RateLimited { seconds: 1 })
    }
}

impl Counted {
    /// The keys in the order in which every transaction holds them.
    fn in_order(&self) -> impl Iterator<Item = (Key, &'static Steps)> {
        let by_address = self.by_address.map(|key| (key, &OF_AN_ADDRESS));
        [(self.by_account, &OF_AN_ACCOUNT)].into_iter().chain(by_address)
    }
}

impl Held {
    /// The counts with one more in flight, which was asked for so long ago.
    fn begin(&self, waited: TimeDelta) -> Result<Vec<(Key, Attempts)>, Hindrance> {
        let begin = |(key, steps, attempts): &(Key, &'static Steps, Attempts)| match attempts.begin(
            steps,
            self.now - waited,
            self.now,
        ) {
            Ok(begun) => Ok((*key, begun)),
            Err(Refusal::TooEarly(until)) => Err(Hindrance::Refused(too_early(until, self.now))),
            Err(Refusal::InFlight(until)) => Err(Hindrance::InFlight(*key, too_early(until, self.now))),
        };
        self.counts.iter().map(begin).collect()
    }

    /// Whether neither the name nor the address has failures.
    fn is_clean(&self) -> bool {
        self.counts.iter().all(|(_, _, attempts)| attempts.is_clean(self.now))
    }
}

impl Attempt {
    /// The same with its place in the line of those that are counted with it, where there is such a line, so that those
    /// who come later in this process go on as soon as this one is judged.
    fn at_the_head_of(mut self, line: Option<Guard>, sign_ins: &KeyedLock) -> Self {
        let by_account = &self.counted.by_account;
        self.line = line.filter(|held| held.is_of(by_account)).or_else(|| sign_ins.try_lock(by_account));
        self
    }

    /// Counts it as failed, with an entry in the audit trail that says so.
    pub(crate) async fn failed(mut self, entry: Entry) -> Result<(), Error> {
        let tx = self.accounts.store.write().await?;
        self.accounts.count_failure(&tx, &self.counted, self.begun).await?;
        tx.note(entry);
        tx.commit().await?;
        self.is_judged = true;
        Ok(())
    }

    /// Takes it back, since it succeeded: the account's failures are forgotten, and the address is known from now on. To be
    /// committed with what it was for, and then told so ([`Attempt::close`]).
    pub(crate) async fn succeeded(&self, tx: &Tx, now: DateTime<Utc>) -> Result<(), Error> {
        store::attempts::forget(tx, &self.counted.by_account).await?;
        if let Some(key) = &self.counted.by_address {
            let held = store::attempts::hold(tx, key).await?;
            store::attempts::keep(tx, key, &held.succeeded(self.begun)).await?;
        }
        store::security_events::withdraw(tx, self.event).await?;
        if let Some(network) = &self.network {
            store::known_addresses::remember(tx, self.user, network, now).await?;
        }
        Ok(())
    }

    /// Closes it, once its success is committed.
    pub(crate) fn close(mut self) {
        self.is_judged = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // Without a runtime the server is gone, and the note becomes a failure by itself.
        let (false, Ok(runtime)) = (self.is_judged, Handle::try_current()) else { return };
        let (accounts, counted, begun) = (self.accounts.clone(), self.counted, self.begun);
        runtime.spawn(async move {
            if let Err(error) = accounts.fail_abandoned(&counted, begun).await {
                tracing::debug!(%error, "an abandoned sign-in was not counted yet; it is a failure after a few seconds");
            }
        });
    }
}

impl From<Error> for Hindrance {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<store::Error> for Hindrance {
    fn from(error: store::Error) -> Self {
        Self::Refused(error.into())
    }
}
