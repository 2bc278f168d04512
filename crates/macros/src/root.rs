//! Finds the engine in the crate that is compiled: `fieldguard-guard` under any name, or within `fieldguard`.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The path of `fieldguard_guard`.
pub(crate) fn root() -> TokenStream {
    let path = |found, own: &str| {
        let name = if let FoundCrate::Name(name) = found { name } else { own.to_owned() };
        let name = Ident::new(&name, Span::call_site());
        quote!(::#name)
    };
    if let Ok(found) = crate_name("fieldguard-guard") {
        return path(found, "fieldguard_guard");
    }
    if let Ok(found) = crate_name("fieldguard") {
        let server = path(found, "fieldguard");
        return quote!(#server::guard);
    }
    // If the crate depends on neither, the compiler reports the missing crate.
    quote!(::fieldguard_guard)
}
