//! `ready`: whether the server can work now, for load balancers.

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::Accounts;
use fieldguard_store::{self as store, Writable};

/// How long the database may take. A load balancer expects an answer within two seconds.
const TIMEOUT: Duration = Duration::from_millis(1_500);

/// How long an answer is reused. This bounds the queries however many clients ask.
const CACHED_FOR: Duration = Duration::from_millis(250);

/// Why the server is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// The database does not answer or refuses writes.
    #[error("The database can't be written to.")]
    Database,
    /// The database is read-only.
    #[error("The database is read-only.")]
    ReadOnly,
    /// A newer version of the server migrated the database, or an older copy replaced it.
    #[error("The database schema does not match this version of the server.")]
    OtherSchema,
    /// The signing keys could not be read from the database for some time, so a retired key may be accepted.
    #[error("The signing keys can't be read from the database.")]
    Keys,
}

/// The last answer and its time.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Result<(), Unready>)>>);

impl Accounts {
    /// Checks whether the database accepts writes. Answers within two seconds.
    ///
    /// # Errors
    ///
    /// Why it does not. The cause is logged when it appears.
    pub async fn ready(&self) -> Result<(), Unready> {
        let mut last = self.readiness().0.lock().await;
        if let Some((at, answer)) = *last
            && at.elapsed() < CACHED_FOR
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

    /// The answer, and the cause for the log.
    async fn probe(&self) -> (Result<(), Unready>, String) {
        match timeout(TIMEOUT, self.store.probe()).await {
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
