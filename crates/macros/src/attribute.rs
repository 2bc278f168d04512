//! async-graphql's attributes: detects the macro that a block is for, and adds arguments.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, Meta, Result, Token, WherePredicate, parse_quote, punctuated::Punctuated};

use crate::root::root;

/// The async-graphql macro that a block is for.
pub(crate) enum Kind {
    /// `#[Object]`; `concrete`: one generic block for several types, each with its own name.
    Object { concrete: bool },
    /// `#[ComplexObject]`
    Complex,
    /// `#[Subscription]`
    Subscription,
}

impl Kind {
    pub(crate) fn of(attribute: &Attribute) -> Option<Self> {
        let name = &attribute.path().segments.last()?.ident;
        match name.to_string().as_str() {
            "Object" => Some(Self::Object { concrete: has_argument(attribute, "concrete") }),
            "ComplexObject" => Some(Self::Complex),
            "Subscription" => Some(Self::Subscription),
            _ => None,
        }
    }

    /// The path of the function that returns the name of the block's type.
    pub(crate) fn type_name(&self) -> TokenStream {
        let kind = if matches!(self, Self::Subscription) { quote!(SubscriptionType) } else { quote!(OutputType) };
        let root = root();
        quote!(<Self as #root::expansion::#kind>::type_name)
    }

    /// The bound on `Self` that a method needs to call that function, if the block does not imply it.
    pub(crate) fn name_bound(&self) -> Option<WherePredicate> {
        let root = root();
        matches!(self, Self::Object { concrete: true }).then(|| parse_quote!(Self: #root::expansion::OutputType))
    }
}

/// The arguments of an attribute, possibly none.
pub(crate) fn arguments(attribute: &Attribute) -> Result<Vec<Meta>> {
    let Meta::List(list) = &attribute.meta else { return Ok(Vec::new()) };
    Ok(list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?.into_iter().collect())
}

/// Whether async-graphql alone resolves the fields of the block: it names them by a rule of its own, runs them one after
/// the other, or gives the path of async-graphql.
pub(crate) fn is_left_to_library(attribute: &Attribute) -> bool {
    ["rename_fields", "serial", "crate"].iter().any(|name| has_argument(attribute, name))
}

fn has_argument(attribute: &Attribute, name: &str) -> bool {
    arguments(attribute).is_ok_and(|all| all.iter().any(|argument| argument.path().is_ident(name)))
}

/// Appends `argument` to the attribute's arguments.
pub(crate) fn add(attribute: &mut Attribute, argument: &TokenStream) {
    let path = attribute.path().clone();
    let before = attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
    let ends = before.clone().into_iter().last();
    let open = ends.is_none_or(|token| matches!(token, TokenTree::Punct(token) if token.as_char() == ','));
    let comma = (!open).then(|| quote!(,));
    attribute.meta = parse_quote!(#path(#before #comma #argument));
}
