//! Sessions: what one sign-in creates, until it expires or is revoked.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    authentication::Methods,
    id::{SessionId, UserId},
};

/// How long a session is fresh after the user proved who they are. Sensitive actions require a fresh session, so that a
/// person who finds an unattended device cannot perform them.
pub const FRESH_FOR: TimeDelta = TimeDelta::minutes(5);

/// The maximum difference to the clock of another server.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// Whether a session is fresh at `now` if the user gave the password at `authenticated_at`. It is not if that time is
/// in the future: the clock was ahead, and the session would stay fresh for as long as it was.
#[must_use]
pub fn is_fresh(authenticated_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    authenticated_at <= now + SKEW && now < authenticated_at + FRESH_FOR
}

/// The session of a signed-in user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session's identifier, which access tokens carry as `sid`.
    pub id: SessionId,
    /// The account owner.
    pub user: UserId,
    /// The methods by which the user proved who they are in this session.
    pub methods: Methods,
    /// The time of the sign-in.
    pub created_at: DateTime<Utc>,
    /// The time when the user last proved who they are in this session.
    pub authenticated_at: DateTime<Utc>,
    /// The time of the last use.
    pub last_used_at: DateTime<Utc>,
    /// The time of expiry, independent of use.
    pub expires_at: DateTime<Utc>,
    /// The IP address of the sign-in, if known.
    pub ip_address: Option<String>,
    /// The `User-Agent` of the sign-in, cut to 256 characters.
    pub user_agent: Option<String>,
}

impl Session {
    /// The time until which it is fresh, possibly past.
    #[must_use]
    pub fn fresh_until(&self) -> DateTime<Utc> {
        self.authenticated_at + FRESH_FOR
    }
}

/// The client that sent a request, as far as the server knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// The IP address of the peer, or the one that a trusted proxy reports.
    pub ip_address: Option<String>,
    /// The `User-Agent` header, cut to 256 characters.
    pub user_agent: Option<String>,
    /// The request id, as in the server log.
    pub request_id: Option<String>,
    /// The coordinate of the called mutation (`Mutation.login`). `None` for a query.
    pub coordinate: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_fresh_for_five_minutes_and_never_from_the_future() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        for (authenticated, fresh) in [(0, true), (-299, true), (-300, false), (60, true), (61, false), (86_400, false)]
        {
            assert_eq!(is_fresh(at(authenticated), at(0)), fresh, "{authenticated}");
        }
    }
}
