//! The audit log: reads and prunes it. `AuditWriter` writes the events that belong to no change: refusals, and reads
//! of personal fields. A use case writes the event of a change in the change's own transaction.

mod refusals;
mod request;
mod writer;

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error};
use fieldguard_domain::{
    audit::{Access, Action, Actor, Entry, Event, Filter},
    id::{AuditEventId, UserId},
    page::{Page, PageRequest},
    session::Client,
};
use fieldguard_store as store;

pub(super) use refusals::Refusals;
pub use request::{Performed, Refused, RefusedTarget};
pub(super) use writer::AuditWriter;

impl Accounts {
    /// A page of the audit log, newest events first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn audit_events(&self, filter: &Filter, page: PageRequest) -> Result<Page<Event>, Error> {
        Ok(store::audit::list(&self.store, filter, page).await?)
    }

    /// The audit event with this id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn audit_event(&self, id: AuditEventId) -> Result<Option<Event>, Error> {
        Ok(store::audit::find(&self.store, id).await?)
    }

    /// The accounts whose personal fields were read, according to this audit event.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn audit_subjects(&self, id: AuditEventId) -> Result<Vec<UserId>, Error> {
        Ok(store::audit::subjects(&self.store, id).await?)
    }

    /// A page of the requests that read personal fields of the account, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn accesses(&self, user: UserId, page: PageRequest) -> Result<Page<Access>, Error> {
        Ok(store::audit::accesses(&self.store, user, page).await?)
    }

    /// Deletes audit events that are older than the configured retention. Returns how many.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails. Events deleted before the failure stay deleted.
    pub async fn prune_audit_trail(&self) -> Result<i64, Error> {
        let Some(kept) = self.policy.audit_retention else { return Ok(0) };
        // Uses the clock of the database: a server whose own clock is ahead would delete too much.
        let now = self.shared_now(&self.store.write().await?).await?;
        let mut removed = 0;
        loop {
            match store::audit::prune(&self.store, now - kept, now).await? {
                0 => return Ok(removed),
                some => removed += some,
            }
        }
    }

    /// The event of a refused sign-in. It is written whether or not the account exists, so that response times do not
    /// reveal which accounts exist.
    pub(super) fn failed_sign_in(&self, account: Option<UserId>, client: &Client) -> Entry {
        let entry = self.entry(Action::SignInFailed, Actor::Anonymous, client);
        Entry { target: account.map(Into::into), ..entry }
    }

    /// The event that `actor` did `action` now, in a request from `client`.
    pub(super) fn entry(&self, action: Action, actor: Actor, client: &Client) -> Entry {
        Entry::new(action, actor, client, self.clock.now())
    }
}

/// The event of an operator at the command line. It has no request and no account.
pub(super) fn by_operator(action: Action, now: DateTime<Utc>) -> Entry {
    Entry::new(action, Actor::Operator, &Client::default(), now)
}
