//! Who did it.

use crate::{
    id::{SessionId, UserId},
    principal::{Credential, Principal},
};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who is not signed in.
    Anonymous,
    /// An account.
    User {
        /// Which.
        user: UserId,
        /// The sign-in it came by.
        session: Option<SessionId>,
        /// The personal access token it came by.
        token: Option<String>,
    },
    /// Whoever has the server in hand, by the command line or the settings.
    Operator,
    /// The server by itself.
    Server,
}

/// What kind of somebody did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// Somebody who is not signed in.
    Anonymous,
    /// An account.
    User,
    /// Whoever has the server in hand, by the command line or the settings.
    Operator,
    /// The server by itself.
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

    /// The caller of a request, or nobody.
    #[must_use]
    pub fn caller_or_nobody(caller: Option<&Principal>) -> Self {
        caller.map_or(Self::Anonymous, Self::caller)
    }

    /// An account in this session of its own.
    #[must_use]
    pub const fn holder(user: UserId, session: Option<SessionId>) -> Self {
        Self::User { user, session, token: None }
    }

    /// What kind of somebody it is.
    #[must_use]
    pub const fn kind(&self) -> ActorKind {
        match self {
            Self::Anonymous => ActorKind::Anonymous,
            Self::User { .. } => ActorKind::User,
            Self::Operator => ActorKind::Operator,
            Self::Server => ActorKind::Server,
        }
    }

    /// The account, where it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User { user, .. } => Some(*user),
            _ => None,
        }
    }

    /// The sign-in it came by, where there is one.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::User { session, .. } => *session,
            _ => None,
        }
    }

    /// The personal access token it came by, where there is one.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::User { token, .. } => token.as_deref(),
            _ => None,
        }
    }
}

impl ActorKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Anonymous, Self::User, Self::Operator, Self::Server];

    /// As the database and the command line spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User => "user",
            Self::Operator => "operator",
            Self::Server => "server",
        }
    }

    /// The kind that is spelled so.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}
