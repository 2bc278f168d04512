//! Ownership of values.

use async_graphql::Context;
use fieldguard_policy::Principal;

/// A type whose values have owners. `or_self` requires it.
#[diagnostic::on_unimplemented(
    message = "a rule of `{Self}` has `or_self`, but `{Self}` does not implement `Owned`",
    note = "implement `Owned` for `{Self}`, or remove `or_self`"
)]
pub trait Owned {
    /// The server's principal type. A caller of another type owns nothing.
    type Principal: Principal + 'static;

    /// Whether `caller` owns this value. An anonymous caller owns a value only if the request itself signed it in. The
    /// answer depends only on the value and performs no lookups.
    fn is_owned_by(&self, caller: Option<&Self::Principal>) -> bool;

    /// Called when a caller other than the owner passes rules with `or_self`, for servers that log reads. `coordinates`
    /// are those of the fields, such as `Invoice.total`.
    fn note_read(&self, _ctx: &Context<'_>, _coordinates: &[String]) {}
}
