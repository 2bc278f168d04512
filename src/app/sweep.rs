//! Deletes the accounts whose deletion is due, at startup and at intervals.

use std::{convert::Infallible, time::Duration};

use fieldguard_guard::cause::chain;
use tokio::time::{MissedTickBehavior, interval};

use crate::accounts::Accounts;

/// How often. Accounts are deleted within minutes of the promised time.
const INTERVAL: Duration = Duration::from_mins(5);

/// Runs until it is dropped. A failure is logged, and the next run tries again.
pub(super) async fn sweep(accounts: &Accounts) -> Infallible {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = accounts.purge_deleted().await {
            tracing::error!(error = chain(&error), "cannot delete the accounts that are due; the next run tries again");
        }
    }
}
