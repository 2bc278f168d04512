//! On whom or what it was done.

use crate::id::{AccessTokenId, RoleId, SessionId, UserId};

/// On whom or what it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What kind of thing it is.
    pub kind: TargetKind,
    /// Its identifier; of a key, its `kid`.
    pub id: String,
}

/// What kind of thing it was done on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// An account.
    User,
    /// A session.
    Session,
    /// A role.
    Role,
    /// A personal access token.
    PersonalAccessToken,
    /// A key that signs access tokens.
    Key,
    /// What the caller of a refused change addressed, whatever it is.
    Unknown,
}

impl Target {
    /// The thing of that identifier.
    #[must_use]
    pub fn new(kind: TargetKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl TargetKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::User, Self::Session, Self::Role, Self::PersonalAccessToken, Self::Key, Self::Unknown];

    /// As the database and the command line spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Session => "session",
            Self::Role => "role",
            Self::PersonalAccessToken => "personal-access-token",
            Self::Key => "key",
            Self::Unknown => "unknown",
        }
    }

    /// The kind that is spelled so.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl From<UserId> for Target {
    fn from(id: UserId) -> Self {
        Self::new(TargetKind::User, id.to_string())
    }
}

impl From<SessionId> for Target {
    fn from(id: SessionId) -> Self {
        Self::new(TargetKind::Session, id.to_string())
    }
}

impl From<RoleId> for Target {
    fn from(id: RoleId) -> Self {
        Self::new(TargetKind::Role, id.to_string())
    }
}

impl From<AccessTokenId> for Target {
    fn from(id: AccessTokenId) -> Self {
        Self::new(TargetKind::PersonalAccessToken, id.to_string())
    }
}
