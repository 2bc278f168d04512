//! `AuditState`: a user, role or token before or after a change.

use async_graphql::SimpleObject;
use fieldguard_domain::{audit::RecordedState, user};
use fieldguard_guard::guarded;

use crate::users::user_state::UserState;

/// The state of a user, role or personal access token before or after a change. Fields that the change didn't touch are null.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct AuditState {
    /// The state of the user.
    state: Option<UserState>,
    /// The names of the user's roles, or of the roles that the role includes.
    role_names: Option<Vec<String>>,
    /// The names of the permissions of the role or the token. They may no longer exist.
    permission_names: Option<Vec<String>>,
}

impl From<RecordedState> for AuditState {
    fn from(RecordedState { state, roles, permissions }: RecordedState) -> Self {
        let state = state.as_deref().and_then(user::UserState::from_stored).map(UserState::from);
        Self { state, role_names: roles, permission_names: permissions }
    }
}
