//! A struct whose fields are fields of the schema: `#[derive(SimpleObject)]`. The library would make no methods of them, and so
//! leave no place for a check; so they become an `#[Object]` block, which is guarded like any other.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Fields, GenericArgument, ItemImpl, ItemStruct, Meta, Path, PathArguments, Result, Token, Type,
    parse_quote, punctuated::Punctuated,
};

use crate::{attribute, errors, root::root};

/// The struct without what is said of its fields to the schema, and the block that says it instead.
pub(crate) fn split(mut structure: ItemStruct) -> Result<(ItemStruct, ItemImpl)> {
    if !take_derive(&mut structure.attrs)? {
        return Err(errors::not_simple(&structure.ident));
    }
    let options = take_options(&mut structure.attrs)?;
    if let Some(complex) = options.iter().find(|option| option.path().is_ident("complex")) {
        return Err(errors::complex(complex));
    }
    let mut methods = Vec::new();
    let Fields::Named(fields) = &mut structure.fields else { return Err(errors::not_simple(&structure.ident)) };
    for field in &mut fields.named {
        let said: Vec<_> = field.attrs.extract_if(.., |attribute| is_for_schema(attribute)).collect();
        let words = said.iter().map(attribute::arguments).collect::<Result<Vec<_>>>()?.concat();
        let is_skipped = |option: &Meta| ["skip", "skip_output"].iter().any(|word| option.path().is_ident(word));
        let Some(name) = field.ident.clone().filter(|_| !words.iter().any(is_skipped)) else { continue };
        let docs = field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc") || attribute.path().is_ident("cfg"));
        let (ty, value) = borrowed(&field.ty, &quote!(self.#name));
        methods.push(quote! {
            #(#docs)*
            #(#said)*
            async fn #name(&self) -> #ty {
                #value
            }
        });
    }
    let (root, name) = (root(), &structure.ident);
    let docs = structure.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let (generics, arguments, conditions) = structure.generics.split_for_impl();
    let block = parse_quote! {
        #(#docs)*
        #[#root::expansion::Object(#(#options),*)]
        impl #generics #name #arguments #conditions {
            #(#methods)*
        }
    };
    Ok((structure, block))
}

/// Takes `SimpleObject` off what is derived. Answers whether it was there.
fn take_derive(attrs: &mut [Attribute]) -> Result<bool> {
    let mut was_there = false;
    for attribute in attrs.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let derived: Punctuated<Path, Token![,]> = attribute.parse_args_with(Punctuated::parse_terminated)?;
        let is_simple = |path: &Path| path.segments.last().is_some_and(|last| last.ident == "SimpleObject");
        was_there |= derived.iter().any(is_simple);
        let others = derived.iter().filter(|path| !is_simple(path));
        *attribute = parse_quote!(#[derive(#(#others),*)]);
    }
    Ok(was_there)
}

fn take_options(attrs: &mut Vec<Attribute>) -> Result<Vec<Meta>> {
    let said: Vec<_> = attrs.extract_if(.., |attribute| attribute.path().is_ident("graphql")).collect();
    Ok(said.iter().map(attribute::arguments).collect::<Result<Vec<_>>>()?.concat())
}

fn is_for_schema(attribute: &Attribute) -> bool {
    ["graphql", "public", "requires"].iter().any(|name| attribute.path().is_ident(name))
}

/// The type of a reference to a field of type `ty`, and the reference itself. An `Option` is one of a reference, so that a
/// refusal can make it null.
fn borrowed(ty: &Type, value: &TokenStream) -> (TokenStream, TokenStream) {
    match inside_option(ty) {
        Some(inside) => (quote!(::core::option::Option<&#inside>), quote!(#value.as_ref())),
        None => (quote!(&#ty), quote!(&#value)),
    }
}

fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| if let GenericArgument::Type(ty) = argument { Some(ty) } else { None })
}
