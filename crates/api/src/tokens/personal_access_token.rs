//! `PersonalAccessToken`: a personal access token, as it is listed.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain as domain;
use fieldguard_domain::{
    permission::SESSIONS_READ,
    principal::{Credential, Principal},
};
use fieldguard_guard::{Owned, connection::Listed, guarded};

use crate::{
    reads,
    roles::permission::Permission,
    services::{accounts, caller},
};

/// A personal access token, with which a script acts for a user. Its secret was shown once, when it was created.
pub struct PersonalAccessToken {
    model: domain::personal_access_token::PersonalAccessToken,
    /// Whether the caller proved to be the owner in this request.
    handed_to_owner: bool,
}

impl PersonalAccessToken {
    /// A token; `handed_to_owner` if the caller proved to be its owner in this request.
    pub(crate) const fn new(model: domain::personal_access_token::PersonalAccessToken, handed_to_owner: bool) -> Self {
        Self { model, handed_to_owner }
    }
}

impl From<domain::personal_access_token::PersonalAccessToken> for PersonalAccessToken {
    fn from(model: domain::personal_access_token::PersonalAccessToken) -> Self {
        Self::new(model, false)
    }
}

impl Owned for PersonalAccessToken {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        self.handed_to_owner || caller.is_some_and(|it| it.is(self.model.user))
    }

    fn note_read(&self, ctx: &Context<'_>, coordinates: &[String]) {
        reads::note(ctx, self.model.user, coordinates);
    }
}

impl PersonalAccessToken {
    /// The list that its cursors are bound to.
    pub(crate) const LIST: &str = "personalAccessTokens";
}

impl Listed for PersonalAccessToken {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.model.id.uuid())
    }
}

/// A personal access token, with which a script acts for a user. Its secret was shown once, when it was created.
#[guarded]
#[Object]
impl PersonalAccessToken {
    /// The unique identifier of the token.
    #[public]
    pub async fn id(&self) -> ID {
        ID(self.model.id.to_string())
    }

    /// The name in the list of tokens.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn name(&self) -> Option<&str> {
        Some(&self.model.name)
    }

    /// The permissions that the token was given, by name. At each use it has those that its owner then has, too.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        Some(Permission::listed(&self.model.permissions, &accounts(ctx).catalogue))
    }

    /// When the token was created.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn created_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.created_at)
    }

    /// When the token expires. An expired token is listed for 30 more days.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.expires_at)
    }

    /// Whether the token has expired.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn is_expired(&self, ctx: &Context<'_>) -> Option<bool> {
        Some(self.model.expires_at <= accounts(ctx).clock.now())
    }

    /// When the token was last used, to the minute.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.model.last_used_at
    }

    /// The IP address at the last use.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn last_used_address(&self) -> Option<&str> {
        self.model.last_used_address.as_deref()
    }

    /// Whether this is the token of the current request.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn is_current(&self, ctx: &Context<'_>) -> Option<bool> {
        Some(caller(ctx).is_some_and(|it| it.credential() == Credential::Token(self.model.id)))
    }
}
