//! Keeps the audit trail as short as the settings say, while the server runs. Several replicas may do it at once.

use std::{convert::Infallible, time::Duration};

use fieldguard_guard::cause::chain;
use tokio::time::{MissedTickBehavior, interval};

use crate::accounts::Accounts;

/// How often old rows are looked for.
const EVERY: Duration = Duration::from_hours(1);

/// Does so for as long as it is polled. What fails is logged and tried again the next time.
pub(super) async fn prune_audit_trail(accounts: &Accounts) -> Infallible {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match accounts.prune_audit_trail().await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "old rows of the audit trail removed"),
            Err(error) => tracing::error!(error = chain(&error), "old rows of the audit trail were not removed"),
        }
    }
}
