//! The caller: for whom a request runs, as rules find it. Who that is, is found out before the request runs, never here.

use std::{
    any::Any,
    fmt::{self, Debug},
    sync::Arc,
};

use async_graphql::Context;
use fieldguard_policy::Principal;

/// For whom a request runs: request data, put there by the transport. An anonymous caller, where it is absent or empty.
///
/// A server brings principals of a type of its own. Rules ask them what [`Principal`] answers; a resolver gets the type itself
/// back by [`Caller::principal`].
#[derive(Clone, Default)]
pub struct Caller(Option<Arc<dyn Shared>>);

/// A principal of whatever type.
trait Shared: Principal + Any + Debug + Send + Sync {}

impl<P: Principal + Any + Debug + Send + Sync> Shared for P {}

impl Caller {
    /// The caller that `principal` is.
    #[must_use]
    pub fn shared<P: Principal + Any + Debug + Send + Sync>(principal: Arc<P>) -> Self {
        Self(Some(principal))
    }

    /// The principal the request in `ctx` runs for.
    #[must_use]
    pub fn of<'a>(ctx: &Context<'a>) -> Option<&'a dyn Principal> {
        ctx.data_opt::<Self>()?.rules()
    }

    /// The caller as rules see it.
    #[must_use]
    pub fn rules(&self) -> Option<&dyn Principal> {
        Some(&**self.0.as_ref()?)
    }

    /// The caller as the server knows it; nothing where it is anonymous or a principal of another type.
    #[must_use]
    pub fn principal<P: Principal + Any>(&self) -> Option<&P> {
        let shared: &dyn Any = &**self.0.as_ref()?;
        shared.downcast_ref()
    }
}

impl<P: Principal + Any + Debug + Send + Sync> From<P> for Caller {
    fn from(principal: P) -> Self {
        Self::shared(Arc::new(principal))
    }
}

impl Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Caller").field(&self.0).finish()
    }
}
