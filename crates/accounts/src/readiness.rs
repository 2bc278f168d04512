//! `ready`: whether the server can do its work now. Asked by load balancers.

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::Accounts;
use fieldguard_store::{self as store, Writable};

/// How long the database may take. A load balancer wants its answer within two seconds.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// How long an answer is good for: however many ask, the database is asked no more often.
const REMEMBERED: Duration = Duration::from_millis(250);

/// Why the server cannot do its work now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// The database does not answer, or refuses to be written to.
    #[error("The database can't be written to.")]
    Database,
    /// The database only lets itself be read.
    #[error("The database is read-only.")]
    ReadOnly,
    /// The database was migrated by a newer version of the server, or replaced by an older copy.
    #[error("The database's schema is not the one that this version of the server needs.")]
    OtherSchema,
    /// The signing keys of the database have not been read for some time: a key may be accepted that is retired.
    #[error("The signing keys can't be read from the database.")]
    Keys,
}

/// The last answer, and when it was given.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Result<(), Unready>)>>);

impl Accounts {
    /// Asks whether a write could be made. Answers within two seconds.
    ///
    /// # Errors
    ///
    /// What keeps it from being made. The cause is logged when it appears.
    pub async fn ready(&self) -> Result<(), Unready> {
        let mut last = self.readiness().0.lock().await;
        if let Some((at, answer)) = *last
            && at.elapsed() < REMEMBERED
        {
            return answer;
        }
        let (mut answer, cause) = self.probe().await;
        if answer.is_ok() && !self.keys_are_followed(std::time::Instant::now()) {
            answer = Err(Unready::Keys);
        }
        if answer != last.map_or(Ok(()), |(_, before)| before) {
            report(answer, &cause);
        }
        *last = Some((Instant::now(), answer));
        answer
    }

    /// The answer, and what the log should say beside it.
    async fn probe(&self) -> (Result<(), Unready>, String) {
        match timeout(PATIENCE, self.store.probe()).await {
            Ok(Ok(Writable::Yes)) => (Ok(()), String::new()),
            Ok(Ok(Writable::ReadOnly)) => (Err(Unready::ReadOnly), String::new()),
            Ok(Ok(Writable::OtherSchema)) => (Err(Unready::OtherSchema), String::new()),
            Ok(Err(error)) => (Err(Unready::Database), cause(&error)),
            Err(_) => (Err(Unready::Database), "it did not answer in time".to_owned()),
        }
    }
}

fn report(answer: Result<(), Unready>, cause: &str) {
    match answer {
        Ok(()) => tracing::info!("the server is ready again"),
        Err(reason) => tracing::error!(%reason, cause, "the server is not ready"),
    }
}

fn cause(error: &store::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
