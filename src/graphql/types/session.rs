//! `Session`: one sign-in.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};

use crate::{domain, guarded};

/// One sign-in.
pub struct Session(domain::session::Session);

impl From<domain::session::Session> for Session {
    fn from(session: domain::session::Session) -> Self {
        Self(session)
    }
}

/// One sign-in.
#[guarded(public)]
#[Object]
impl Session {
    /// Names the session. Access tokens carry it as `sid`.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// When the session ends at the latest, however much it is used.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
}
