//! Delivers webhook events while the server runs. Replicas share the work: each claims events that no other has claimed.

use std::{convert::Infallible, future::pending, time::Duration};

use fieldguard_guard::cause::chain;
use tokio::{
    task::JoinSet,
    time::{Interval, MissedTickBehavior, interval, timeout},
};

use crate::{
    accounts::{Accounts, error::Error},
    http::shutdown::Shutdown,
    store::webhook_events::Claimed,
    webhooks::Sender,
};

/// How many events one process sends at the same time. They are of different users.
const CONCURRENT: usize = 16;

/// How often a process looks for events that became due, or that another process recorded.
const INTERVAL: Duration = Duration::from_secs(1);

/// How often old events are deleted.
const PRUNING: Duration = Duration::from_hours(1);

/// How long the last attempts may take at shutdown. Otherwise these events would be sent again.
const LAST_ATTEMPTS: Duration = Duration::from_millis(500);

/// Delivers the events of one process.
pub(super) struct Deliveries {
    sender: Option<Sender>,
    accounts: Accounts,
    shutdown: Shutdown,
    running: JoinSet<()>,
    is_failing: bool,
}

impl Deliveries {
    /// Without a sender, nothing is delivered.
    pub(super) fn new(sender: Option<Sender>, accounts: Accounts, shutdown: Shutdown) -> Self {
        Self { sender, accounts, shutdown, running: JoinSet::new(), is_failing: false }
    }

    /// Runs until it is dropped. A failure of the database is logged once.
    pub(super) async fn run(&mut self) -> Infallible {
        let Some(sender) = self.sender.clone() else { return pending().await };
        let (mut ticks, mut pruning) = (ticks(INTERVAL), ticks(PRUNING));
        loop {
            self.begin(&sender).await;
            tokio::select! {
                _ = ticks.tick() => {}
                _ = pruning.tick() => prune(&self.accounts).await,
                () = self.accounts.webhook_event_recorded() => {}
                Some(_) = self.running.join_next() => {}
            }
        }
    }

    /// Waits for the attempts that have begun.
    pub(super) async fn finish(mut self) {
        let _ = timeout(LAST_ATTEMPTS, async { while self.running.join_next().await.is_some() {} }).await;
    }

    /// Claims as many events as can be sent at once, and begins to send them.
    async fn begin(&mut self, sender: &Sender) {
        let free = u32::try_from(CONCURRENT.saturating_sub(self.running.len())).unwrap_or(0);
        if free == 0 || self.shutdown.has_begun() {
            return;
        }
        match self.accounts.claim_webhook_events(free).await {
            Ok(claimed) => {
                self.is_failing = false;
                for claimed in claimed {
                    let (sender, accounts) = (sender.clone(), self.accounts.clone());
                    self.running.spawn(async move { attempt(&sender, &accounts, &claimed).await });
                }
            }
            Err(error) => {
                if !self.is_failing {
                    report(&error, "cannot read webhook events");
                }
                self.is_failing = true;
            }
        }
    }
}

/// Makes one attempt and stores what came of it.
async fn attempt(sender: &Sender, accounts: &Accounts, claimed: &Claimed) {
    // A newer version recorded it and will send it.
    let Some(event) = &claimed.event else { return };
    let answer = sender.send(&event.id.to_string(), event.payload(), accounts.clock.now()).await;
    if let Err(error) = accounts.settle_webhook_event(claimed, answer.outcome).await {
        report(&error, "cannot store what came of a webhook event; it is sent again");
    }
}

async fn prune(accounts: &Accounts) {
    match accounts.prune_webhook_events().await {
        Ok(0) => {}
        Ok(events) => tracing::info!(events, "deleted old webhook events"),
        Err(error) => report(&error, "cannot delete old webhook events"),
    }
}

fn report(error: &Error, what: &str) {
    tracing::error!(error = chain(error), "{what}");
}

fn ticks(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
