//! Prunes the audit log while the server runs, as configured. Several replicas may do it at once.

use std::{convert::Infallible, time::Duration};

use fieldguard_guard::cause::chain;
use tokio::time::{MissedTickBehavior, interval};

use crate::accounts::Accounts;

/// How often old audit events are deleted.
const INTERVAL: Duration = Duration::from_hours(1);

/// Runs until it is dropped. A failure is logged, and the next run tries again.
pub(super) async fn prune_audit_log(accounts: &Accounts) -> Infallible {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match accounts.prune_audit_trail().await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "deleted old audit events"),
            Err(error) => tracing::error!(error = chain(&error), "cannot delete old audit events"),
        }
    }
}
