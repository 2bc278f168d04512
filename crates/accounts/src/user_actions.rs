//! Which actions a caller can do on an account now, decided as the mutations do: by the caller's and the account's
//! permissions, and by the account's state. The rule of the mutation's field is checked elsewhere.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::{
    id::UserId,
    principal::Principal,
    role::{Role, make_administrator},
    user::User,
    user_action::UserAction,
};
use fieldguard_store as store;

impl Accounts {
    /// The actions of `usable` that `caller` can do now on the account `user` with these roles. `usable` contains the
    /// actions whose mutations the caller may call.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn actions(
        &self,
        caller: &Principal,
        usable: Vec<UserAction>,
        user: &User,
        roles: &[Role],
    ) -> Result<Vec<UserAction>, Error> {
        let now = self.clock.now();
        let can = |action: &UserAction| action.fits(user, now) && Self::may_act(caller, *action, user.id, roles);
        let mut actions: Vec<_> = usable.into_iter().filter(can).collect();
        if actions.iter().any(|action| action.ends_administration()) && self.is_last_administrator(user, roles).await? {
            actions.retain(|action| !action.ends_administration());
        }
        Ok(actions)
    }

    /// Whether `caller`, who may call the mutation, may do this to the account `user` with these roles.
    fn may_act(caller: &Principal, action: UserAction, user: UserId, roles: &[Role]) -> bool {
        if Changer::Caller(caller).is_token_of(user) {
            return false;
        }
        match action {
            UserAction::ResetPassword
            | UserAction::ResetSecondFactor
            | UserAction::Enable
            | UserAction::Unlock
            | UserAction::Restore => Self::may_reset(caller, user, roles),
            UserAction::Update
            | UserAction::Disable
            | UserAction::SetRoles
            | UserAction::RevokeSessions
            | UserAction::Delete => caller.may_change(roles),
        }
    }

    async fn is_last_administrator(&self, user: &User, roles: &[Role]) -> Result<bool, Error> {
        if !(user.may_sign_in() && make_administrator(roles)) {
            return Ok(false);
        }
        Ok(store::administrators::enabled(&self.store).await? <= 1)
    }
}
