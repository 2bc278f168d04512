//! The types of webhook events, and the audit action that each follows from.

use std::collections::BTreeSet;

use crate::audit::Action;

macro_rules! event_types {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// The type of a webhook event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType {
            $($(#[$doc])* $variant,)+
        }

        impl EventType {
            /// All types.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the payload, the configuration and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

event_types! {
    /// A user registered, was created by an administrator, or was imported.
    UserCreated = "user.created",
    /// The username, the email address or the profile of a user was updated.
    UserUpdated = "user.updated",
    /// A user was disabled. Their sessions were revoked.
    UserDisabled = "user.disabled",
    /// A user was enabled.
    UserEnabled = "user.enabled",
    /// The deletion of a user was scheduled. Their sessions were revoked.
    UserDeletionScheduled = "user.deletion_scheduled",
    /// The scheduled deletion of a user was undone.
    UserRestored = "user.restored",
    /// A user was deleted.
    UserDeleted = "user.deleted",
    /// The roles of a user were set.
    UserRolesChanged = "user.roles_changed",
    /// A password was changed or reset.
    UserPasswordChanged = "user.password_changed",
    /// A user signed in.
    UserSignedIn = "user.signed_in",
    /// A session was revoked, or all sessions of a user.
    SessionRevoked = "session.revoked",
}

impl EventType {
    /// The type with this name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event_type| event_type.as_str() == text)
    }

    /// The type of the event that follows from an audit action. `None` for actions that receivers don't learn of. A new
    /// action needs a decision here.
    #[must_use]
    pub const fn of(action: Action) -> Option<Self> {
        Some(match action {
            Action::UserRegistered | Action::UserCreated | Action::UserImported => Self::UserCreated,
            Action::UserUpdated | Action::EmailVerified | Action::EmailChangeUndone => Self::UserUpdated,
            Action::UserDisabled => Self::UserDisabled,
            Action::UserEnabled => Self::UserEnabled,
            Action::UserDeletionScheduled => Self::UserDeletionScheduled,
            Action::UserRestored => Self::UserRestored,
            Action::UserDeleted => Self::UserDeleted,
            Action::UserRolesSet => Self::UserRolesChanged,
            Action::PasswordChanged | Action::PasswordReset => Self::UserPasswordChanged,
            Action::SignIn => Self::UserSignedIn,
            Action::SessionRevoked | Action::SessionsRevoked | Action::RefreshTokenReused => Self::SessionRevoked,
            Action::SignInFailed
            | Action::Reauthenticated
            | Action::ReauthenticationFailed
            | Action::UserUnlocked
            | Action::PasswordResetIssued
            | Action::PasswordResetRequested
            | Action::EmailVerificationRequested
            | Action::TotpEnabled
            | Action::TotpRemoved
            | Action::RecoveryCodesCreated
            | Action::RecoveryCodeUsed
            | Action::SecondFactorReset
            | Action::RoleCreated
            | Action::RoleUpdated
            | Action::RoleDeleted
            | Action::PersonalAccessTokenCreated
            | Action::PersonalAccessTokenRevoked
            | Action::KeyRotated
            | Action::KeyRetired
            | Action::IssuerSet
            | Action::WebhookEventsReplayed
            | Action::MutationRefused
            | Action::PersonalDataRead
            | Action::AuditLogPruned
            | Action::DatabaseRestored => return None,
        })
    }
}

/// The types that a receiver gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTypes(BTreeSet<EventType>);

impl EventTypes {
    /// These types.
    #[must_use]
    pub fn new(types: impl IntoIterator<Item = EventType>) -> Self {
        Self(types.into_iter().collect())
    }

    /// Every type.
    #[must_use]
    pub fn all() -> Self {
        Self::new(EventType::ALL.iter().copied())
    }

    /// Whether `event_type` is one of them.
    #[must_use]
    pub fn contains(&self, event_type: EventType) -> bool {
        self.0.contains(&event_type)
    }

    /// The types, in order.
    pub fn iter(&self) -> impl Iterator<Item = EventType> {
        self.0.iter().copied()
    }

    /// Whether these are all types.
    #[must_use]
    pub fn are_all(&self) -> bool {
        self.0.len() == EventType::ALL.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_follows_from_an_action_and_has_a_name_of_its_own() {
        for event_type in EventType::ALL {
            assert!(Action::ALL.iter().any(|action| EventType::of(*action) == Some(*event_type)), "{event_type:?}");
            assert_eq!(EventType::from_stored(event_type.as_str()), Some(*event_type));
        }
    }
}
