//! A session: one sign-in, from its start to its end.

use chrono::{DateTime, TimeDelta, Utc};

use super::id::{SessionId, UserId};

/// How long a session is fresh after the password was given in it: what can do lasting harm is done by the person at the
/// keys, not by whoever found them left alone.
pub const FRESH_FOR: TimeDelta = TimeDelta::minutes(5);

/// One sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its identifier, which access tokens carry as `sid`.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When the password was last given in it.
    pub authenticated_at: DateTime<Utc>,
    /// When it was last used.
    pub last_used_at: DateTime<Utc>,
    /// When it ends at the latest, however much it is used.
    pub expires_at: DateTime<Utc>,
    /// The address it began from, where one is known.
    pub ip_address: Option<String>,
    /// The `User-Agent` it began with, cut to 256 characters.
    pub user_agent: Option<String>,
}

impl Session {
    /// Until when it is fresh, or was.
    #[must_use]
    pub fn fresh_until(&self) -> DateTime<Utc> {
        self.authenticated_at + FRESH_FOR
    }
}

/// Where a request comes from, as far as the server can tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// The address of the peer, or the one that a trusted proxy names.
    pub ip_address: Option<String>,
    /// Its `User-Agent`, cut to 256 characters.
    pub user_agent: Option<String>,
    /// The id under which the log knows the request.
    pub request_id: Option<String>,
    /// The coordinate of the field that it calls (`Mutation.login`), where it is one that changes something.
    pub coordinate: Option<String>,
}
