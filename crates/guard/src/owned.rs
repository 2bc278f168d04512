//! What a type says of the owners of its values.

use std::borrow::Cow;

use async_graphql::Context;
use fieldguard_policy::Principal;

/// A type whose values have owners, as `or_self` asks.
#[diagnostic::on_unimplemented(
    message = "a rule of `{Self}` says `or_self`, but `{Self}` does not know its owner",
    note = "implement `Owned` for `{Self}`, or leave `or_self` out"
)]
pub trait Owned {
    /// The server's principals. A caller of another type owns nothing.
    type Principal: Principal + 'static;

    /// Does this value belong to `caller`? An anonymous caller owns a value only where the request itself made its caller, as a
    /// sign-in does. It answers from the value alone and never queries.
    fn is_owned_by(&self, caller: Option<&Self::Principal>) -> bool;

    /// Called where another than the owner passes a rule that makes way for the owner, for a server that records who read what.
    /// The field in `ctx` is one of the type that `type_name` names.
    fn note_read(&self, _ctx: &Context<'_>, _type_name: fn() -> Cow<'static, str>) {}
}
