//! `Permission`: a thing one may do.

use async_graphql::Object;
use fieldguard_domain as domain;
use fieldguard_guard::guarded;

/// A thing one may do.
pub struct Permission(domain::permission::Permission);

impl From<domain::permission::Permission> for Permission {
    fn from(permission: domain::permission::Permission) -> Self {
        Self(permission)
    }
}

/// A thing one may do.
#[guarded(public)]
#[Object]
impl Permission {
    /// The name, `resource:action`.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// What it allows.
    async fn description(&self) -> &str {
        self.0.description()
    }
}
