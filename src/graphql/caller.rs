//! The caller: for whom a request runs, as rules find it. Who that is, is found out before the request runs, never here.

use std::sync::Arc;

use async_graphql::Context;

use crate::domain::principal::Principal;

/// For whom a request runs: request data, put there by the transport. Nobody, where it is absent or empty.
#[derive(Debug, Clone, Default)]
pub struct Caller(pub Option<Arc<Principal>>);

impl Caller {
    /// The principal the request in `ctx` runs for.
    #[must_use]
    pub fn of<'a>(ctx: &Context<'a>) -> Option<&'a Principal> {
        ctx.data_opt::<Self>()?.0.as_deref()
    }
}

impl From<Principal> for Caller {
    fn from(principal: Principal) -> Self {
        Self(Some(Arc::new(principal)))
    }
}
