//! `Session`: one sign-in.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use crate::{
    domain,
    graphql::{caller::Caller, reads},
    guarded,
};

/// One sign-in, and what followed from it.
pub struct Session {
    model: domain::session::Session,
    /// It was handed to its owner by a sign-in in this very request.
    handed_to_owner: bool,
}

impl Session {
    /// The session that the answer's tokens belong to.
    pub(super) fn of_owner(model: domain::session::Session) -> Self {
        Self { model, handed_to_owner: true }
    }

    /// What is told of a session is the business of whoever signed in, who can ask who read it.
    fn note_read(&self, ctx: &Context<'_>) {
        if !self.handed_to_owner {
            reads::note_unless_own(ctx, self.model.user, || "Session".into());
        }
    }
}

impl From<domain::session::Session> for Session {
    fn from(model: domain::session::Session) -> Self {
        Self { model, handed_to_owner: false }
    }
}

/// One sign-in, and what followed from it.
#[guarded(public)]
#[Object]
impl Session {
    /// Names the session. Access tokens carry it as `sid`.
    pub async fn id(&self) -> ID {
        ID(self.model.id.to_string())
    }

    /// When its owner signed in.
    async fn created_at(&self, ctx: &Context<'_>) -> DateTime<Utc> {
        self.note_read(ctx);
        self.model.created_at
    }

    /// When it was last gone on with: by `refresh`, or by the first use of the access token that came of it. What happens within the life of one access token does not move it.
    async fn last_used_at(&self, ctx: &Context<'_>) -> DateTime<Utc> {
        self.note_read(ctx);
        self.model.last_used_at
    }

    /// When the session ends at the latest, however much it is used.
    async fn expires_at(&self, ctx: &Context<'_>) -> DateTime<Utc> {
        self.note_read(ctx);
        self.model.expires_at
    }

    /// Until when the session is fresh, or was: five minutes from when the password was last given in it, by signing in or by `reauthenticate`. What can do lasting harm asks for a fresh session.
    async fn fresh_until(&self) -> DateTime<Utc> {
        self.model.fresh_until()
    }

    /// The address its owner signed in from, where one is known.
    async fn ip_address(&self, ctx: &Context<'_>) -> Option<&str> {
        self.note_read(ctx);
        self.model.ip_address.as_deref()
    }

    /// The `User-Agent` of the program its owner signed in with, cut to 256 characters.
    async fn user_agent(&self, ctx: &Context<'_>) -> Option<&str> {
        self.note_read(ctx);
        self.model.user_agent.as_deref()
    }

    /// Whether it is the session that this request came by, or began.
    async fn is_current(&self, ctx: &Context<'_>) -> bool {
        self.handed_to_owner || Caller::of(ctx).is_some_and(|it| it.session() == Some(self.model.id))
    }
}
