//! `MissingDemand`: something a rule demands and the caller lacks.

use async_graphql::Object;
use fieldguard_domain::missing::Missing;
use fieldguard_guard::guarded;

use crate::access::access_reason::AccessReason;

/// Something a rule demands and one lacks.
pub struct MissingDemand(pub(crate) Missing);

/// Something a rule demands and one lacks.
#[guarded(public)]
#[Object]
impl MissingDemand {
    /// What is missing, in a word.
    async fn reason(&self) -> AccessReason {
        self.0.into()
    }

    /// The name of the role, where one is missing.
    async fn role(&self) -> Option<&str> {
        if let Missing::Role(name) = self.0 { Some(name) } else { None }
    }

    /// The name of the permission, where one is missing.
    async fn permission(&self) -> Option<&str> {
        if let Missing::Permission(it) = self.0 { Some(it.name()) } else { None }
    }
}
