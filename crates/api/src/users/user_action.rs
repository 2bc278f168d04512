//! `UserAction`: something one may do to an account.

use async_graphql::Enum;
use fieldguard_domain::user_action::UserAction as Action;
use fieldguard_domain::{
    principal::Principal,
    rule::{Refusal, Rule},
};
use fieldguard_guard::registry::Policy;

/// Something one may do to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Action")]
pub enum UserAction {
    /// Change its name or email address, with `updateUser`.
    Update,
    /// Disable it, with `disableUser`.
    Disable,
    /// Enable it, with `enableUser`.
    Enable,
    /// Forget its failed sign-ins, with `unlockUser`.
    Unlock,
    /// Make a code that resets its password, with `issuePasswordReset`.
    ResetPassword,
    /// Give it other roles, with `setUserRoles`. Which ones is another question.
    SetRoles,
    /// End its sessions, with `revokeUserSessions`.
    RevokeSessions,
    /// Have it deleted, with `deleteUser`.
    Delete,
    /// Take its deletion back, with `restoreUser`.
    Restore,
}

impl UserAction {
    /// The actions whose mutations let `caller` through, once he has given his password again where they ask for that.
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
        Action::SetRoles => "Mutation.setUserRoles",
        Action::RevokeSessions => "Mutation.revokeUserSessions",
        Action::Delete => "Mutation.deleteUser",
        Action::Restore => "Mutation.restoreUser",
    }
}
