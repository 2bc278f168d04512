//! `WebhookEventType`: what an event tells.

use async_graphql::Enum;
use fieldguard_domain::webhook_event;

/// What a webhook event tells. The name in the request is lowercase, such as `user.created`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "webhook_event::EventType")]
pub enum WebhookEventType {
    /// A user registered, was created by an administrator, or was imported.
    UserCreated,
    /// The username, the email address or the profile of a user was updated.
    UserUpdated,
    /// A user was disabled.
    UserDisabled,
    /// A user was enabled.
    UserEnabled,
    /// The deletion of a user was scheduled.
    UserDeletionScheduled,
    /// The scheduled deletion of a user was undone.
    UserRestored,
    /// A user was deleted.
    UserDeleted,
    /// The roles of a user were set.
    UserRolesChanged,
    /// A password was changed or reset.
    UserPasswordChanged,
    /// A user signed in.
    UserSignedIn,
    /// A session was revoked, or all sessions of a user.
    SessionRevoked,
}
