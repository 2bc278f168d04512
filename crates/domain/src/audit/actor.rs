//! The actors in the audit log.

use crate::{
    id::{SessionId, UserId},
    principal::{Credential, Principal},
};

/// Who performed an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A caller who is not signed in.
    Anonymous,
    /// A user.
    User {
        /// The user's identifier.
        user: UserId,
        /// The session of the request.
        session: Option<SessionId>,
        /// The identifier of the personal access token of the request.
        token: Option<String>,
    },
    /// The operator of the server, by command line or configuration.
    Operator,
    /// The server itself.
    Server,
}

/// The kind of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A caller who is not signed in.
    Anonymous,
    /// A user.
    User,
    /// The operator of the server, by command line or configuration.
    Operator,
    /// The server itself.
    Server,
}

impl Actor {
    /// The caller of a request.
    #[must_use]
    pub fn caller(caller: &Principal) -> Self {
        let token = match caller.credential() {
            Credential::Token(id) => Some(id.to_string()),
            Credential::Session { .. } => None,
        };
        Self::User { user: caller.user(), session: caller.session(), token }
    }

    /// The caller of a request, signed in or not.
    #[must_use]
    pub fn caller_or_anonymous(caller: Option<&Principal>) -> Self {
        caller.map_or(Self::Anonymous, Self::caller)
    }

    /// A user in one of their sessions.
    #[must_use]
    pub const fn holder(user: UserId, session: Option<SessionId>) -> Self {
        Self::User { user, session, token: None }
    }

    /// The kind of actor.
    #[must_use]
    pub const fn kind(&self) -> ActorKind {
        match self {
            Self::Anonymous => ActorKind::Anonymous,
            Self::User { .. } => ActorKind::User,
            Self::Operator => ActorKind::Operator,
            Self::Server => ActorKind::Server,
        }
    }

    /// The user, if the actor is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User { user, .. } => Some(*user),
            _ => None,
        }
    }

    /// The session of the request, if it had one.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::User { session, .. } => *session,
            _ => None,
        }
    }

    /// The personal access token of the request, if it had one.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::User { token, .. } => token.as_deref(),
            _ => None,
        }
    }
}

impl ActorKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Anonymous, Self::User, Self::Operator, Self::Server];

    /// The name in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User => "user",
            Self::Operator => "operator",
            Self::Server => "server",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
