//! Deletes the accounts whose time has come, at the start and from time to time. Which those are, and what goes with them,
//! is the use case's business.

use std::{convert::Infallible, time::Duration};

use fieldguard_guard::cause::chain;
use tokio::time::{MissedTickBehavior, interval};

use crate::accounts::Accounts;

/// How often: what is promised to be gone by a day is gone within minutes.
const EVERY: Duration = Duration::from_mins(5);

/// Does so for as long as it is polled. What fails is logged, and done the next time.
pub(super) async fn sweep(accounts: &Accounts) -> Infallible {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = accounts.purge_deleted().await {
            tracing::error!(error = chain(&error), "deleted accounts were not swept away; the next sweep tries again");
        }
    }
}
