//! Sends mails while the server runs. Replicas share the work: each claims mails that no other has claimed.

use std::{convert::Infallible, future::pending, time::Duration};

use fieldguard_guard::cause::chain;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    accounts::{Accounts, error::Error},
    http::shutdown::Shutdown,
    mail::Mailer,
    store::mails::Claimed,
};

/// How many mails one process sends at the same time.
const CONCURRENT: usize = 4;

/// How often a process looks for mails that became due, or that another process queued.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long the last attempts may take at shutdown. Otherwise these mails would be sent again.
const LAST_ATTEMPTS: Duration = Duration::from_millis(500);

/// Sends the mails of one process.
pub(super) struct Outgoing {
    mailer: Option<Mailer>,
    accounts: Accounts,
    shutdown: Shutdown,
    running: JoinSet<()>,
    is_failing: bool,
}

impl Outgoing {
    /// Without a mailer, nothing is sent.
    pub(super) fn new(mailer: Option<Mailer>, accounts: Accounts, shutdown: Shutdown) -> Self {
        Self { mailer, accounts, shutdown, running: JoinSet::new(), is_failing: false }
    }

    /// Runs until it is dropped. A failure of the database is logged once.
    pub(super) async fn run(&mut self) -> Infallible {
        let Some(mailer) = self.mailer.clone() else { return pending().await };
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.begin(&mailer).await;
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.accounts.mail_queued() => {}
                Some(_) = self.running.join_next() => {}
            }
        }
    }

    /// Waits for the attempts that have begun.
    pub(super) async fn finish(mut self) {
        let _ = timeout(LAST_ATTEMPTS, async { while self.running.join_next().await.is_some() {} }).await;
    }

    /// Claims as many mails as can be sent at once, and begins to send them.
    async fn begin(&mut self, mailer: &Mailer) {
        let free = u32::try_from(CONCURRENT.saturating_sub(self.running.len())).unwrap_or(0);
        if free == 0 || self.shutdown.has_begun() {
            return;
        }
        match self.accounts.claim_mails(free).await {
            Ok(claimed) => {
                self.is_failing = false;
                for claimed in claimed {
                    let (mailer, accounts) = (mailer.clone(), self.accounts.clone());
                    self.running.spawn(async move {
                        if let Err(error) = attempt(&mailer, &accounts, &claimed).await {
                            report(&error, "cannot store what came of a mail; it is sent again");
                        }
                    });
                }
            }
            Err(error) => {
                if !self.is_failing {
                    report(&error, "cannot read the outbox of mails");
                }
                self.is_failing = true;
            }
        }
    }
}

/// Makes one attempt and stores what came of it.
async fn attempt(mailer: &Mailer, accounts: &Accounts, claimed: &Claimed) -> Result<(), Error> {
    match accounts.prepare_mail(claimed).await? {
        Some(mail) => accounts.settle_mail(claimed, &mail, mailer.send(&mail).await).await,
        None => Ok(()),
    }
}

fn report(error: &Error, what: &str) {
    tracing::error!(error = chain(error), "{what}");
}
