//! The audit trail: reading it, keeping it short, and `Trail`, which writes what belongs to no change: refusals, and reads
//! of personal fields. What belongs to a change is noted by its use case, in its transaction.

mod refusals;
mod request;
mod trail;

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
pub use request::{Performed, Refused};
pub(super) use trail::Trail;

impl Accounts {
    /// Part of the audit trail, the newest rows first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn audit_events(&self, filter: &Filter, page: PageRequest) -> Result<Page<Event>, Error> {
        Ok(store::audit::list(&self.store, filter, page).await?)
    }

    /// The row of the audit trail of that id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn audit_event(&self, id: AuditEventId) -> Result<Option<Event>, Error> {
        Ok(store::audit::find(&self.store, id).await?)
    }

    /// The accounts whose personal fields were read, as that row says.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn audit_subjects(&self, id: AuditEventId) -> Result<Vec<UserId>, Error> {
        Ok(store::audit::subjects(&self.store, id).await?)
    }

    /// Part of the list of who read personal fields of the account, the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn accesses(&self, user: UserId, page: PageRequest) -> Result<Page<Access>, Error> {
        Ok(store::audit::accesses(&self.store, user, page).await?)
    }

    /// Removes the rows of the trail that are older than the settings let them become. Tells how many.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails; what was removed before stays so.
    pub async fn prune_audit_trail(&self) -> Result<i64, Error> {
        let Some(kept) = self.policy.audit_retention else { return Ok(0) };
        // By the clock of the database: what a server removes whose own is ahead is gone for good.
        let now = self.shared_now(&self.store.write().await?).await?;
        let mut removed = 0;
        loop {
            match store::audit::prune(&self.store, now - kept, now).await? {
                0 => return Ok(removed),
                some => removed += some,
            }
        }
    }

    /// That a sign-in was refused: an entry whether or not there is an account of that name, so that the time it takes tells
    /// nothing.
    pub(super) fn failed_sign_in(&self, account: Option<UserId>, client: &Client) -> Entry {
        let entry = self.entry(Action::SignInFailed, Actor::Anonymous, client);
        Entry { target: account.map(Into::into), ..entry }
    }

    /// That `actor` did `action` now, by a request that came from `client`.
    pub(super) fn entry(&self, action: Action, actor: Actor, client: &Client) -> Entry {
        Entry::new(action, actor, client, self.clock.now())
    }
}

/// The same for whoever has the server in hand: there is no request, and no account.
pub(super) fn by_operator(action: Action, now: DateTime<Utc>) -> Entry {
    Entry::new(action, Actor::Operator, &Client::default(), now)
}
