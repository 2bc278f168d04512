//! Keeps the keys of a running server as they should be: anew at every SIGHUP, and otherwise as soon as the database names
//! others.

use std::{convert::Infallible, time::Duration};

use fieldguard_guard::cause::chain;
use tokio::{
    signal::unix::Signal,
    time::{MissedTickBehavior, interval},
};

use crate::accounts::{Accounts, keyring::Error};

/// How often a server asks whether keys have changed, so that a retired one ends everywhere within a second, and a new one is
/// known everywhere before it signs.
const EVERY: Duration = Duration::from_millis(500);

/// Does so for as long as it is polled. A database that does not answer holds up neither of the two for the other.
pub(super) async fn keep_keys(accounts: &Accounts, hangup: Signal) -> Infallible {
    tokio::join!(reload_at(hangup, accounts), follow(accounts)).1
}

async fn reload_at(mut hangup: Signal, accounts: &Accounts) {
    while let Some(()) = hangup.recv().await {
        tracing::info!("SIGHUP: loading the keys");
        report(&Box::pin(accounts.reload_keys()).await);
    }
}

/// What fails is logged and leaves the keys as they are; what goes on failing is logged once.
async fn follow(accounts: &Accounts) -> Infallible {
    let mut ticks = interval(EVERY);
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
        tracing::error!(error = chain(error), "the keys were not loaded; those in use stay");
    }
}
