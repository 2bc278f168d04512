//! `UserAction`: an action on a user.

use async_graphql::Enum;
use fieldguard_domain::user_action::UserAction as Action;
use fieldguard_domain::{
    principal::Principal,
    rule::{Refusal, Rule},
};
use fieldguard_guard::registry::Policy;

/// An action on a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Action")]
pub enum UserAction {
    /// Update the username or the email address with `updateUser`.
    Update,
    /// Disable the user with `disableUser`.
    Disable,
    /// Enable the user with `enableUser`.
    Enable,
    /// Forget the failed sign-ins with `unlockUser`.
    Unlock,
    /// Issue a password reset code with `issuePasswordReset`.
    ResetPassword,
    /// Remove the second factor with `resetSecondFactor`.
    ResetSecondFactor,
    /// Set the roles with `setUserRoles`. Which roles you can add depends on your permissions.
    SetRoles,
    /// Revoke the sessions with `revokeUserSessions`.
    RevokeSessions,
    /// Delete the user with `deleteUser`.
    Delete,
    /// Undo the scheduled deletion with `restoreUser`.
    Restore,
}

impl UserAction {
    /// The actions whose mutations let `caller` through, after they reauthenticate where required.
    pub(crate) fn usable<'a>(policy: &'a Policy, caller: &'a Principal) -> impl Iterator<Item = Action> + use<'a> {
        let passes = |rule: &Rule| matches!(rule.decide(Some(caller), false), Ok(()) | Err(Refusal::NotFresh));
        let is_usable = move |it: &Action| policy.member(coordinate(*it)).is_some_and(|it| it.rules.iter().all(passes));
        Action::ALL.into_iter().filter(is_usable)
    }
}

/// The coordinate of the mutation that does it.
const fn coordinate(action: Action) -> &'static str {
    match action {
        Action::Update => "Mutation.updateUser",
        Action::Disable => "Mutation.disableUser",
        Action::Enable => "Mutation.enableUser",
        Action::Unlock => "Mutation.unlockUser",
        Action::ResetPassword => "Mutation.issuePasswordReset",
        Action::ResetSecondFactor => "Mutation.resetSecondFactor",
        Action::SetRoles => "Mutation.setUserRoles",
        Action::RevokeSessions => "Mutation.revokeUserSessions",
        Action::Delete => "Mutation.deleteUser",
        Action::Restore => "Mutation.restoreUser",
    }
}
