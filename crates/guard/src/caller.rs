//! The caller of a request, as rules see it. The server authenticates the caller before the request runs.

use std::{
    any::Any,
    fmt::{self, Debug},
    sync::Arc,
};

use async_graphql::Context;
use fieldguard_policy::Principal;

/// The caller of a request, stored in the request's data by the transport. A missing or empty `Caller` is anonymous.
///
/// Each server has its own principal type. Rules use its [`Principal`] implementation; resolvers get the type itself
/// with [`Caller::principal`].
#[derive(Clone, Default)]
pub struct Caller(Option<Arc<dyn Shared>>);

/// A principal of any type.
trait Shared: Principal + Any + Debug + Send + Sync {}

impl<P: Principal + Any + Debug + Send + Sync> Shared for P {}

impl Caller {
    /// Creates a caller from a shared principal.
    #[must_use]
    pub fn shared<P: Principal + Any + Debug + Send + Sync>(principal: Arc<P>) -> Self {
        Self(Some(principal))
    }

    /// The principal of the request in `ctx`.
    #[must_use]
    pub fn of<'a>(ctx: &Context<'a>) -> Option<&'a dyn Principal> {
        ctx.data_opt::<Self>()?.rules()
    }

    /// The principal as rules see it.
    #[must_use]
    pub fn rules(&self) -> Option<&dyn Principal> {
        Some(&**self.0.as_ref()?)
    }

    /// The principal as the server's own type; `None` for an anonymous caller or a principal of another type.
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
