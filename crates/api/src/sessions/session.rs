//! `Session`: a sign-in on a device.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain as domain;
use fieldguard_domain::{permission::SESSIONS_READ, principal::Principal};
use fieldguard_guard::{Owned, connection::Listed, guarded};

use crate::{
    reads,
    services::{accounts, caller},
    sessions::authentication_method::AuthenticationMethod,
};

/// A sign-in on a device, which lasts until it expires or is revoked.
pub struct Session {
    model: domain::session::Session,
    /// Whether the caller proved to be the owner in this request, with a password or a refresh token.
    handed_to_owner: bool,
    /// Whether this request started or refreshed it.
    is_begun: bool,
}

impl Session {
    /// A session; `handed_to_owner` if the caller proved to be its owner in this request.
    pub(crate) const fn new(model: domain::session::Session, handed_to_owner: bool) -> Self {
        Self { model, handed_to_owner, is_begun: false }
    }

    /// The session of the tokens in the payload.
    pub(crate) const fn begun(model: domain::session::Session) -> Self {
        Self { model, handed_to_owner: true, is_begun: true }
    }
}

impl Owned for Session {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        self.handed_to_owner || caller.is_some_and(|it| it.is(self.model.user))
    }

    fn note_read(&self, ctx: &Context<'_>, coordinates: &[String]) {
        reads::note(ctx, self.model.user, coordinates);
    }
}

impl From<domain::session::Session> for Session {
    fn from(model: domain::session::Session) -> Self {
        Self::new(model, false)
    }
}

impl Session {
    /// The list that its cursors are bound to.
    pub(crate) const LIST: &str = "sessions";
}

impl Listed for Session {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.model.id.uuid())
    }
}

/// A sign-in on a device, which lasts until it expires or is revoked.
#[guarded]
#[Object]
impl Session {
    /// The unique identifier of the session. Access tokens carry it as `sid`.
    #[public]
    pub async fn id(&self) -> ID {
        ID(self.model.id.to_string())
    }

    /// When the user signed in.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn created_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.created_at)
    }

    /// When the session was last used: by `refresh`, or by the first use of an access token. Later uses of the same access token don't change it.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.last_used_at)
    }

    /// When the session expires, even if it is in use.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.expires_at)
    }

    /// Until when the session is fresh: five minutes from the last sign-in or `reauthenticate`. Fields that can do lasting harm require a fresh session.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn fresh_until(&self) -> Option<DateTime<Utc>> {
        Some(self.model.fresh_until())
    }

    /// How the user proved who they are in the session. With two methods, the session meets rules with `mfa`.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn authentication_methods(&self) -> Option<Vec<AuthenticationMethod>> {
        Some(self.model.methods.iter().map(AuthenticationMethod::from).collect())
    }

    /// When the user last proved who they are in the session: at sign-in, or by `reauthenticate`. The claim `auth_time` of access tokens has it, too.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn authenticated_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.authenticated_at)
    }

    /// The IP address at sign-in.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn ip_address(&self) -> Option<&str> {
        self.model.ip_address.as_deref()
    }

    /// The `User-Agent` of the client at sign-in, cut to 256 characters.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn user_agent(&self) -> Option<&str> {
        self.model.user_agent.as_deref()
    }

    /// Whether this is the session of the current request, or the one it started.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn is_current(&self, ctx: &Context<'_>) -> Option<bool> {
        Some(self.is_begun || caller(ctx).is_some_and(|it| it.session() == Some(self.model.id)))
    }
}
