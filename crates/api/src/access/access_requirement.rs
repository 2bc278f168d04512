//! `AccessRequirement`: a rule as data.

use async_graphql::Object;
use fieldguard_domain::{permission::Permission, rule::Rule};
use fieldguard_guard::guarded;

/// A rule as data: all of it is to be met.
pub struct AccessRequirement(pub(crate) Rule);

/// A rule as data: all of it is to be met.
#[guarded(public)]
#[Object]
impl AccessRequirement {
    /// Whether one has to be signed in. Where it is false, the field is open to everyone.
    async fn signed_in(&self) -> bool {
        !self.0.is_public()
    }

    /// The name of the role one has to hold, where there is one.
    async fn role(&self) -> Option<&str> {
        self.0.demanded_role()
    }

    /// The name of the permission one has to hold, where there is one.
    async fn permission(&self) -> Option<&str> {
        self.0.demanded_permission().map(Permission::name)
    }

    /// Whether role and permission are waived where the value is one's own.
    async fn or_self(&self) -> bool {
        self.0.yields_to_owner()
    }

    /// Whether one has to come by a session: a personal access token is not enough.
    async fn session(&self) -> bool {
        self.0.demands_session()
    }

    /// Whether the password has to have been given within the last five minutes.
    async fn fresh(&self) -> bool {
        self.0.demands_fresh()
    }
}
