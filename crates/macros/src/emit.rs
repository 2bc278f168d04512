//! Generates the items beside the methods: constants with the rules, directives, and visibility functions.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, ImplItemFn, Type};

use crate::{attribute::Kind, field, root::root, rule::Rule};

/// The constant with the rules. Public fields need none.
pub(crate) fn constant(rules: &[Rule], constant: &Ident, cfg: &[Attribute]) -> Option<TokenStream> {
    let (root, values) = (root(), rules.iter().map(Rule::constant));
    (!rules.iter().all(Rule::is_public)).then(|| {
        quote! {
            #(#cfg)*
            const #constant: &'static [#root::policy::rule::Rule] = &[#(#values),*];
        }
    })
}

/// The directives for the rules, as arguments of async-graphql's macros. `required` is the field's type if its spelling
/// is not nullable; the schema's registry records whether it can be null anyway, because an alias can hide an `Option`.
pub(crate) fn directives(rules: &[Rule], constant: &Ident, required: Option<&Type>) -> Vec<TokenStream> {
    let root = root();
    let one = |(index, rule): (usize, &Rule)| {
        if rule.is_public() {
            quote!(directive = #root::directive::Public::apply())
        } else if let Some(ty) = required {
            quote!(directive = #root::expansion::Auth::apply::<#ty>(&Self::#constant[#index]))
        } else {
            quote!(directive = #root::directive::Auth::apply(&Self::#constant[#index]))
        }
    };
    rules.iter().enumerate().map(one).collect()
}

/// The function that tells introspection whether a caller sees the type.
pub(crate) fn type_visibility(kind: &Kind) -> TokenStream {
    let (root, name) = (root(), kind.type_name());
    quote! {
        fn __is_type_visible(ctx: &#root::expansion::Context<'_>) -> bool {
            #root::is_type_visible(ctx, &#name())
        }
    }
}

/// The function that tells introspection whether a caller sees the field. A public field needs none.
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
    let (root, path) = (root(), format!("Self::{sees}"));
    field::add_option(&mut method.attrs, &quote!(visible = #path));
    Some(quote! {
        #(#cfg)*
        fn #sees(ctx: &#root::expansion::Context<'_>) -> bool {
            #root::visible(ctx, Self::#constant)
        }
    })
}
