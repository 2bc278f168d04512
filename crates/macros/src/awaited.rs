//! Fields whose methods take no arguments, but may wait, fail or use the context: plans call the method that the resolver
//! calls, too, and write what it returns.

use heck::ToLowerCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, ImplItemFn, ReturnType, Type, ext::IdentExt};

use crate::{
    at_hand::{borrows_self, has_impl_trait},
    field,
    method::has_arguments,
    returns::Returns,
    root::root,
};

/// A field whose method is awaited.
pub(crate) struct AwaitedField {
    /// Its name in the schema.
    pub(crate) name: String,
    pub(crate) cfg: Vec<Attribute>,
    /// The type of its value, inside `Option` and `Result`.
    pub(crate) ty: Type,
    method: Ident,
    is_async: bool,
    is_optional: bool,
    /// Whether the method can fail or be denied.
    is_fallible: bool,
}

impl AwaitedField {
    /// The field of a `method` that is about to be rewritten, if plans can await it.
    pub(crate) fn of(method: &ImplItemFn) -> Option<Self> {
        let ReturnType::Type(_, ty) = &method.sig.output else { return None };
        let signature = &method.sig;
        let is_plain = borrows_self(signature)
            && signature.generics.params.is_empty()
            && !has_arguments(signature)
            && !has_impl_trait(ty);
        let returns = Returns::of(ty);
        let name = signature.ident.unraw().to_string();
        is_plain.then(|| Self {
            name: field::name(&method.attrs).unwrap_or_else(|| name.to_lower_camel_case()),
            cfg: method.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect(),
            ty: returns.innermost().clone(),
            method: signature.ident.clone(),
            is_async: signature.asyncness.is_some(),
            is_optional: returns.is_optional(),
            is_fallible: returns.is_fallible(),
        })
    }

    /// The same field with rules, so that it can be denied.
    pub(crate) fn with_check(self) -> Self {
        Self { is_fallible: true, ..self }
    }

    /// The future of the field's JSON.
    pub(crate) fn future(&self) -> TokenStream {
        let root = root();
        let value = self.value(&self.call());
        let resolved = quote!((&value).resolve(nested, &ctx.with_selection_set(&ctx.item.node.selection_set)).await);
        let resolved = if self.is_optional { quote!(#root::plan::or_null(ctx, #resolved)) } else { resolved };
        quote! {
            #[allow(unused_imports)]
            use #root::at_hand::{ResolveNothing as _, ResolveWritten as _, WriteDirect as _, WriteNothing as _, WriteWritten as _};
            let value = #root::at_hand::Value(#value);
            match #root::plan::unresolved(nested) {
                ::core::option::Option::Some(nested) => #resolved,
                ::core::option::Option::None => {
                    ::core::result::Result::Ok(#root::plan::Writer::write(ctx, |writer| (&&value).write(nested, writer)))
                }
            }
        }
    }

    /// Calls the method as async-graphql's macro leaves it: with the context, and with a result around everything that waits.
    fn call(&self) -> TokenStream {
        let (root, Self { method, .. }) = (root(), self);
        if !self.is_async {
            return quote!(self.#method(ctx));
        }
        if self.is_fallible && !self.is_optional {
            return quote!(self.#method(ctx).await);
        }
        quote! {
            match self.#method(ctx).await {
                ::core::result::Result::Ok(answer) => answer,
                ::core::result::Result::Err(error) => {
                    return ::core::result::Result::Err(#root::plan::error_at(ctx, error));
                }
            }
        }
    }

    /// The value in `answer`, which the method returns. Ends the surrounding future if there is none.
    fn value(&self, answer: &TokenStream) -> TokenStream {
        let root = root();
        let (ok, err) = (quote!(::core::result::Result::Ok), quote!(::core::result::Result::Err));
        let (some, none) = (quote!(::core::option::Option::Some), quote!(::core::option::Option::None));
        let null = quote!(return #ok(::core::default::Default::default()));
        match (self.is_optional, self.is_fallible) {
            (false, false) => answer.clone(),
            (true, false) => quote!(match #answer { #some(value) => value, #none => #null }),
            (false, true) => quote! {
                match #answer {
                    #ok(value) => value,
                    #err(error) => return #err(#root::plan::error_at(ctx, error)),
                }
            },
            (true, true) => quote! {
                match #answer {
                    #some(#ok(value)) => value,
                    #some(#err(error)) => return #root::plan::or_null(ctx, #err(#root::plan::error_at(ctx, error))),
                    #none => #null,
                }
            },
        }
    }
}
