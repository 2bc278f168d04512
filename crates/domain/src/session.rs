//! A session: one sign-in, from its start to its end.

use chrono::{DateTime, TimeDelta, Utc};

use super::id::{SessionId, UserId};

/// How long a session is fresh after the password was given in it: what can do lasting harm is done by the person at the
/// keys, not by whoever found them left alone.
pub const FRESH_FOR: TimeDelta = TimeDelta::minutes(5);

/// How far the clock of another server may be ahead.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// Whether a session is fresh at `now` in which the password was given at `authenticated_at`. It is not where that is in the
/// future: the clock was ahead, and the session would be fresh for as long as it was.
#[must_use]
pub fn is_fresh(authenticated_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    authenticated_at <= now + SKEW && now < authenticated_at + FRESH_FOR
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_fresh_for_five_minutes_and_not_by_a_time_in_the_future() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        for (authenticated, fresh) in [(0, true), (-299, true), (-300, false), (60, true), (61, false), (86_400, false)]
        {
            assert_eq!(is_fresh(at(authenticated), at(0)), fresh, "{authenticated}");
        }
    }
}
