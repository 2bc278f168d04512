//! The `#[guarded]` attribute macro.

mod attribute;
mod block;
mod emit;
mod errors;
mod field;
mod method;
mod returns;
mod rule;

use proc_macro::TokenStream;

/// Gives every field of a GraphQL type its access rule.
#[proc_macro_attribute]
pub fn guarded(arguments: TokenStream, block: TokenStream) -> TokenStream {
    block::expand(arguments.into(), &block.into()).into()
}
