//! Structs with `#[derive(SimpleObject)]`. async-graphql generates no methods for their fields, so there is no place
//! for a check. This module converts the struct to an `#[Object]` block, which is guarded like any other.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Fields, GenericArgument, ItemImpl, ItemStruct, Meta, Path, PathArguments, Result, Token, Type,
    parse_quote, punctuated::Punctuated,
};

use crate::{attribute, errors, root::root};

/// Splits the struct: one without schema attributes, and a block with a method for each field.
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
        let schema_attributes: Vec<_> = field.attrs.extract_if(.., |attribute| is_for_schema(attribute)).collect();
        let words = schema_attributes.iter().map(attribute::arguments).collect::<Result<Vec<_>>>()?.concat();
        let is_skipped = |option: &Meta| ["skip", "skip_output"].iter().any(|word| option.path().is_ident(word));
        let Some(name) = field.ident.clone().filter(|_| !words.iter().any(is_skipped)) else { continue };
        let docs =
            field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc") || attribute.path().is_ident("cfg"));
        let (ty, value) = borrowed(&field.ty, &quote!(self.#name));
        methods.push(quote! {
            #(#docs)*
            #(#schema_attributes)*
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

/// Removes `SimpleObject` from the derives. Returns whether it was there.
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
    let schema_attributes: Vec<_> = attrs.extract_if(.., |attribute| attribute.path().is_ident("graphql")).collect();
    Ok(schema_attributes.iter().map(attribute::arguments).collect::<Result<Vec<_>>>()?.concat())
}

fn is_for_schema(attribute: &Attribute) -> bool {
    ["graphql", "public", "requires"].iter().any(|name| attribute.path().is_ident(name))
}

/// The type of a reference to a field of type `ty`, and the reference itself. An `Option<T>` becomes an `Option<&T>`,
/// so that a denial can make it null.
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
