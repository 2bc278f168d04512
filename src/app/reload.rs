//! Keeps the keys of a running server up to date: reloads them at SIGHUP, and when they change in the database. At
//! SIGHUP the TLS certificate is reloaded, too.

use std::{convert::Infallible, time::Duration};

use fieldguard_guard::cause::chain;
use tokio::{
    signal::unix::Signal,
    time::{MissedTickBehavior, interval},
};

use crate::{
    accounts::{Accounts, keyring::Error},
    telemetry::security,
};

/// How often a server checks whether keys have changed, so that a retired key is refused everywhere within a second,
/// and a new one is known everywhere before it signs.
const INTERVAL: Duration = Duration::from_millis(500);

/// Runs until it is dropped. A database that does not answer delays neither of the two tasks for the other.
pub(super) async fn keep_keys(accounts: &Accounts, hangup: Signal, reload_certificate: impl Fn()) -> Infallible {
    tokio::join!(reload_at(hangup, accounts, reload_certificate), follow(accounts)).1
}

async fn reload_at(mut hangup: Signal, accounts: &Accounts, reload_certificate: impl Fn()) {
    while let Some(()) = hangup.recv().await {
        security::reopen();
        tracing::info!("SIGHUP: reloading the keys");
        reload_certificate();
        report(&Box::pin(accounts.reload_keys()).await);
    }
}

/// A failure is logged and leaves the keys unchanged. A repeated failure is logged once.
async fn follow(accounts: &Accounts) -> Infallible {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        ticks.tick().await;
        let followed = Box::pin(accounts.follow_keys()).await;
        if !failing {
            report(&followed);
        }
        failing = followed.is_err();
    }
}

fn report(loaded: &Result<(), Error>) {
    if let Err(error) = loaded {
        tracing::error!(error = chain(error), "cannot load the keys; the current keys stay in use");
    }
}
