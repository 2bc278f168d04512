//! `AuditState`: how an account or a role stood before a change, or stands after it.

use async_graphql::Object;
use fieldguard_domain::audit::Standing;
use fieldguard_guard::guarded;

/// How an account or a role stood before a change, or stood after it. What the change did not touch is null.
pub struct AuditState(pub(crate) Standing);

/// How an account or a role stood before a change, or stood after it. What the change did not touch is null.
#[guarded(public)]
#[Object]
impl AuditState {
    /// The state of the account, as `UserState` spells it.
    async fn state(&self) -> Option<&str> {
        self.0.state.as_deref()
    }

    /// The names of the roles that the account held, or the role contained.
    async fn roles(&self) -> Option<&[String]> {
        self.0.roles.as_deref()
    }

    /// The names of the permissions that the role or the token gave.
    async fn permissions(&self) -> Option<&[String]> {
        self.0.permissions.as_deref()
    }
}
