//! What a caller may do to an account, as the mutations decide it that do so: whom one may touch. Whether one may use such a
//! mutation at all is its rule's business, and what the account's state forbids (the last administrator stays) that of the
//! mutation.

use super::{Accounts, changer::Changer};
use crate::domain::{id::UserId, principal::Principal, role::Role, user_action::UserAction};

impl Accounts {
    /// May `caller`, who may use the mutation, do this to the account `user`, which holds these roles?
    #[must_use]
    pub fn may_act(caller: &Principal, action: UserAction, user: UserId, roles: &[Role]) -> bool {
        if Changer::Caller(caller).is_token_of(user) {
            return false;
        }
        match action {
            UserAction::ResetPassword => Self::may_reset(caller, user, roles),
            UserAction::Update
            | UserAction::Disable
            | UserAction::Enable
            | UserAction::Unlock
            | UserAction::SetRoles
            | UserAction::RevokeSessions
            | UserAction::Delete
            | UserAction::Restore => caller.may_touch(roles),
        }
    }
}
