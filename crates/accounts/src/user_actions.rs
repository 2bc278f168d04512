//! What a caller can do to an account now, as the mutations decide it that do so: whom one may touch, and what the state of the
//! account leaves to do. Whether one may use such a mutation at all is its rule's business.

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
    /// Those of `usable`, the actions whose mutations let `caller` through, that `caller` can do now to the account `user`, which
    /// holds these roles.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn actions(
        &self,
        caller: &Principal,
        usable: Vec<UserAction>,
        user: &User,
        roles: &[Role],
    ) -> Result<Vec<UserAction>, Error> {
        let now = self.clock.now();
        let can = |it: &UserAction| it.fits(user, now) && Self::may_act(caller, *it, user.id, roles);
        let mut actions: Vec<_> = usable.into_iter().filter(can).collect();
        if actions.iter().any(|it| it.ends_administration()) && self.is_last_administrator(user, roles).await? {
            actions.retain(|it| !it.ends_administration());
        }
        Ok(actions)
    }

    /// May `caller`, who may use the mutation, do this to the account `user`, which holds these roles?
    fn may_act(caller: &Principal, action: UserAction, user: UserId, roles: &[Role]) -> bool {
        if Changer::Caller(caller).is_token_of(user) {
            return false;
        }
        match action {
            UserAction::ResetPassword | UserAction::Enable | UserAction::Unlock | UserAction::Restore => {
                Self::may_reset(caller, user, roles)
            }
            UserAction::Update
            | UserAction::Disable
            | UserAction::SetRoles
            | UserAction::RevokeSessions
            | UserAction::Delete => caller.may_touch(roles),
        }
    }

    async fn is_last_administrator(&self, user: &User, roles: &[Role]) -> Result<bool, Error> {
        if !(user.may_sign_in() && make_administrator(roles)) {
            return Ok(false);
        }
        Ok(store::administrators::enabled(&self.store).await? <= 1)
    }
}
