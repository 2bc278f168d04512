//! The targets in the audit log.

use crate::id::{PersonalAccessTokenId, RoleId, SessionId, UserId, WebhookEventId};

/// The object that an action affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The kind of object.
    pub kind: TargetKind,
    /// The identifier. For a key, its `kid`.
    pub id: String,
}

/// The kind of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// A user.
    User,
    /// A session.
    Session,
    /// A role.
    Role,
    /// A personal access token.
    PersonalAccessToken,
    /// A signing key of access tokens.
    Key,
    /// A webhook event.
    WebhookEvent,
    /// The object of a denied change, whose kind is unknown.
    Unknown,
}

impl Target {
    /// The target with this identifier.
    #[must_use]
    pub fn new(kind: TargetKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl TargetKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::Session,
        Self::Role,
        Self::PersonalAccessToken,
        Self::Key,
        Self::WebhookEvent,
        Self::Unknown,
    ];

    /// The name in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Session => "session",
            Self::Role => "role",
            Self::PersonalAccessToken => "personal-access-token",
            Self::Key => "key",
            Self::WebhookEvent => "webhook-event",
            Self::Unknown => "unknown",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
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

impl From<PersonalAccessTokenId> for Target {
    fn from(id: PersonalAccessTokenId) -> Self {
        Self::new(TargetKind::PersonalAccessToken, id.to_string())
    }
}

impl From<WebhookEventId> for Target {
    fn from(id: WebhookEventId) -> Self {
        Self::new(TargetKind::WebhookEvent, id.to_string())
    }
}
