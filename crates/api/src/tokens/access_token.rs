//! `AccessToken`: a personal access token, as it is listed.

use std::borrow::Cow;

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
    services::{accounts, caller},
};

/// A personal access token, by which a script acts in the place of a person. Its secret was shown when it was made, and is kept by nobody here.
pub struct AccessToken {
    model: domain::access_token::AccessToken,
    /// It was handed to its owner, who proved to be that by this very request.
    handed_to_owner: bool,
}

impl AccessToken {
    /// A token for its owner or, where not `handed_to_owner`, for whoever asks.
    pub(crate) const fn new(model: domain::access_token::AccessToken, handed_to_owner: bool) -> Self {
        Self { model, handed_to_owner }
    }
}

impl From<domain::access_token::AccessToken> for AccessToken {
    fn from(model: domain::access_token::AccessToken) -> Self {
        Self::new(model, false)
    }
}

impl Owned for AccessToken {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        self.handed_to_owner || caller.is_some_and(|it| it.is(self.model.user))
    }

    fn note_read(&self, ctx: &Context<'_>, type_name: fn() -> Cow<'static, str>) {
        reads::note(ctx, self.model.user, type_name);
    }
}

impl AccessToken {
    /// What the cursors of its list are sealed with, so that no other list takes them.
    pub(crate) const LIST: &str = "accessTokens";
}

impl Listed for AccessToken {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.model.id.uuid())
    }
}

/// A personal access token, by which a script acts in the place of a person. Its secret was shown when it was made, and is kept by nobody here.
#[guarded]
#[Object]
impl AccessToken {
    /// Names the token.
    #[public]
    pub async fn id(&self) -> ID {
        ID(self.model.id.to_string())
    }

    /// What its owner calls it.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn name(&self) -> Option<&str> {
        Some(&self.model.name)
    }

    /// The names of the permissions it was given, sorted. Of those it has, at each use, what its owner holds then.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn permissions(&self) -> Option<Vec<&str>> {
        Some(self.model.permissions.iter().map(String::as_str).collect())
    }

    /// When it was made.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn created_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.created_at)
    }

    /// When it ends, or ended: one that has expired is good for nothing, and is listed for 30 days more.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.expires_at)
    }

    /// Whether it has expired.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn is_expired(&self, ctx: &Context<'_>) -> Option<bool> {
        Some(self.model.expires_at <= accounts(ctx).clock.now())
    }

    /// When it was last used, to the minute; null before the first time.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.model.last_used_at
    }

    /// The address it was used from then, where one is known.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn last_used_address(&self) -> Option<&str> {
        self.model.last_used_address.as_deref()
    }

    /// Whether it is the token that this request came by.
    #[requires(permission = SESSIONS_READ, or_self)]
    async fn is_current(&self, ctx: &Context<'_>) -> Option<bool> {
        Some(caller(ctx).is_some_and(|it| it.credential() == Credential::Token(self.model.id)))
    }
}
