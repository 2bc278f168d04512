//! What stands beside the methods: the rules as constants, the directives that print them, who sees a field.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, ImplItemFn};

use crate::{attribute::Kind, field, rule::Rule};

/// The constant that holds the rules. Public ones need none: nothing asks for them.
pub(crate) fn constant(rules: &[Rule], constant: &Ident, cfg: &[Attribute]) -> Option<TokenStream> {
    let values = rules.iter().map(Rule::constant);
    (!rules.iter().all(Rule::is_public)).then(|| {
        quote! {
            #(#cfg)*
            const #constant: &'static [::fieldguard::domain::rule::Rule] = &[#(#values),*];
        }
    })
}

/// The directives that say the rules in the printed schema, as arguments of the library's macros.
pub(crate) fn directives(rules: &[Rule], constant: &Ident) -> Vec<TokenStream> {
    let one = |(index, rule): (usize, &Rule)| {
        if rule.is_public() {
            quote!(directive = ::fieldguard::graphql::directive::Public::apply())
        } else {
            quote!(directive = ::fieldguard::graphql::directive::Auth::apply(&Self::#constant[#index]))
        }
    };
    rules.iter().enumerate().map(one).collect()
}

/// The function that tells introspection who sees the type.
pub(crate) fn type_visibility(kind: &Kind) -> TokenStream {
    let name = kind.type_name();
    quote! {
        fn __is_type_visible(ctx: &::fieldguard::graphql::guard::expansion::Context<'_>) -> bool {
            ::fieldguard::graphql::guard::is_type_visible(ctx, &#name())
        }
    }
}

/// The function that tells introspection who sees the field. A public one is seen without any.
pub(crate) fn visibility(
    method: &mut ImplItemFn,
    rules: &[Rule],
    constant: &Ident,
    name: &str,
    cfg: &[Attribute],
) -> Option<TokenStream> {
    if rules.iter().all(Rule::is_public) {
        return None;
    }
    let sees = format_ident!("__sees_{name}");
    let path = format!("Self::{sees}");
    field::add_option(&mut method.attrs, &quote!(visible = #path));
    Some(quote! {
        #(#cfg)*
        fn #sees(ctx: &::fieldguard::graphql::guard::expansion::Context<'_>) -> bool {
            ::fieldguard::graphql::guard::visible(ctx, Self::#constant)
        }
    })
}
