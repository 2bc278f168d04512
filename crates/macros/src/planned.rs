//! Implements `Planned` for an object type: readers of the fields that plans cover.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, ItemImpl, Type};

use crate::{at_hand::FieldAtHand, awaited::AwaitedField, root::root};

/// A field that plans cover.
pub(crate) enum PlannedField {
    AtHand(FieldAtHand),
    Awaited(AwaitedField),
}

/// Implements `Planned` for the type of `block`.
pub(crate) fn planned(block: &ItemImpl, fields: Vec<PlannedField>) -> TokenStream {
    let root = root();
    let (generics, _, conditions) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    let (mut at_hand, mut awaited) = (Vec::new(), Vec::new());
    for field in fields {
        match field {
            PlannedField::AtHand(field) => at_hand.push(field),
            PlannedField::Awaited(field) => awaited.push(field),
        }
    }
    let methods = [
        (!(at_hand.is_empty() && awaited.is_empty())).then(|| lookup(&at_hand, &awaited)),
        (!at_hand.is_empty()).then(|| readers(&at_hand)),
        (!awaited.is_empty()).then(|| awaiting(&awaited)),
        at_hand.iter().any(|field| field.yields_to_owner).then(owned),
    ];
    let methods = methods.into_iter().flatten();
    quote! {
        #[doc(hidden)]
        impl #generics #root::plan::Planned for #ty #conditions {
            #(#methods)*
        }
    }
}

fn lookup(at_hand: &[FieldAtHand], awaited: &[AwaitedField]) -> TokenStream {
    let root = root();
    let at_hand = at_hand.iter().enumerate().map(|(index, field)| {
        let rules = field.rules.as_ref().map_or_else(|| quote!(&[]), |constant| quote!(Self::#constant));
        known(index, &field.name, &field.cfg, &field.ty, &quote!(AtHand(#rules)))
    });
    let awaited = awaited
        .iter()
        .enumerate()
        .map(|(index, field)| known(index, &field.name, &field.cfg, &field.ty, &quote!(Awaited)));
    quote! {
        fn field(name: &str) -> ::core::option::Option<#root::plan::PlannedField> {
            match name {
                #(#at_hand)*
                #(#awaited)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

fn known(index: usize, name: &str, cfg: &[Attribute], ty: &Type, read: &TokenStream) -> TokenStream {
    let root = root();
    quote! {
        #(#cfg)*
        #name => {
            #[allow(unused_imports)]
            use #root::at_hand::{DirectShape as _, NoShape as _, WrittenShape as _};
            ::core::option::Option::Some(#root::plan::PlannedField {
                index: #index,
                read: #root::plan::Read::#read,
                shape: (&&#root::at_hand::Probe::<#ty>::NEW).shape(),
            })
        }
    }
}

/// The arms of a `match` on the index of a field.
fn arms<T>(fields: &[T], cfg: impl Fn(&T) -> &[Attribute], body: impl Fn(&T) -> TokenStream) -> TokenStream {
    fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let (cfg, body) = (cfg(field), body(field));
            quote!(#(#cfg)* #index => { #body })
        })
        .collect()
}

fn readers(fields: &[FieldAtHand]) -> TokenStream {
    let root = root();
    let written = arms(
        fields,
        |field| &field.cfg,
        |FieldAtHand { value, .. }| {
            quote! {
                #[allow(unused_imports)]
                use #root::at_hand::{WriteDirect as _, WriteNothing as _, WriteWritten as _};
                (&&#root::at_hand::Value(self.#value())).write(nested, writer);
            }
        },
    );
    let resolved = arms(
        fields,
        |field| &field.cfg,
        |FieldAtHand { value, .. }| {
            quote! {
                #[allow(unused_imports)]
                use #root::at_hand::{ResolveNothing as _, ResolveWritten as _};
                let value = #root::at_hand::Value(self.#value());
                (&value).resolve(nested, ctx).await
            }
        },
    );
    quote! {
        fn write_field(
            &self,
            index: usize,
            nested: ::core::option::Option<&#root::plan::Plan<'_>>,
            writer: &mut #root::plan::Writer<'_>,
        ) {
            match index {
                #written
                _ => {}
            }
        }

        fn resolve_nested<'f>(
            &'f self,
            index: usize,
            nested: &'f #root::plan::Plan<'f>,
            ctx: &'f #root::expansion::ContextSelectionSet<'f>,
        ) -> #root::plan::Resolving<'f> {
            ::std::boxed::Box::pin(async move {
                match index {
                    #resolved
                    _ => ::core::result::Result::Ok(::core::default::Default::default()),
                }
            })
        }
    }
}

fn awaiting(fields: &[AwaitedField]) -> TokenStream {
    let root = root();
    let futures = arms(
        fields,
        |field| &field.cfg,
        |field| {
            let future = field.future();
            quote!(::std::boxed::Box::pin(async move { #future }))
        },
    );
    quote! {
        fn resolve_awaited<'f>(
            &'f self,
            index: usize,
            nested: ::core::option::Option<&'f #root::plan::Plan<'f>>,
            ctx: &'f #root::expansion::Context<'f>,
        ) -> #root::plan::Resolving<'f> {
            match index {
                #futures
                _ => ::std::boxed::Box::pin(::core::future::ready(::core::result::Result::Ok(::core::default::Default::default()))),
            }
        }
    }
}

fn owned() -> TokenStream {
    let root = root();
    quote! {
        fn is_owned_by(&self, caller: ::core::option::Option<&#root::caller::Caller>) -> bool {
            #root::Owned::is_owned_by(self, caller.and_then(#root::caller::Caller::principal))
        }

        fn note_read(&self, ctx: &#root::expansion::Context<'_>, coordinates: &[::std::string::String]) {
            #root::Owned::note_read(self, ctx, coordinates);
        }
    }
}
