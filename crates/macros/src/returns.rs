//! Return types: which one completes a refusal correctly, and how a method's own answer becomes it.
//!
//! The library nulls exactly the refused field only where it is told `Option<Result<T>>`; every other way of saying
//! "nullable and fallible" nulls the parent with it. Types are known by their spelling alone, as to the library's macros.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{GenericArgument, PathArguments, Type};

use crate::root::root;

/// What a method answers, by the spelling of its return type; each holds the innermost `T`.
pub(crate) enum Returns<'a> {
    /// `T`
    Value(&'a Type),
    /// `Result<T, E>`
    Fallible(&'a Type),
    /// `Option<T>`
    Optional(&'a Type),
    /// `Result<Option<T>, E>`
    FallibleOptional(&'a Type),
    /// `Option<Result<T, E>>`
    OptionalFallible(&'a Type),
}

impl<'a> Returns<'a> {
    pub(crate) fn of(ty: &'a Type) -> Self {
        match (inside(ty, &["Result", "FieldResult"]), inside(ty, &["Option"])) {
            (Some(value), _) => match inside(value, &["Option"]) {
                Some(value) => Self::FallibleOptional(value),
                None => Self::Fallible(value),
            },
            (_, Some(value)) => match inside(value, &["Result", "FieldResult"]) {
                Some(value) => Self::OptionalFallible(value),
                None => Self::Optional(value),
            },
            _ => Self::Value(ty),
        }
    }

    pub(crate) fn is_fallible(&self) -> bool {
        !matches!(self, Self::Value(_) | Self::Optional(_))
    }

    /// The type that, by its spelling, cannot be null. One that has no name is left out.
    pub(crate) fn required(&self) -> Option<&Type> {
        match self {
            Self::Value(ty) | Self::Fallible(ty) => matches!(ty, Type::Path(_)).then_some(*ty),
            _ => None,
        }
    }

    /// The return type that completes a refusal correctly.
    pub(crate) fn completing(&self) -> TokenStream {
        let root = root();
        let error = quote!(#root::expansion::Error);
        match self {
            Self::Value(ty) | Self::Fallible(ty) => quote!(::core::result::Result<#ty, #error>),
            Self::Optional(ty) | Self::FallibleOptional(ty) | Self::OptionalFallible(ty) => {
                quote!(::core::option::Option<::core::result::Result<#ty, #error>>)
            }
        }
    }

    /// `error` as an answer of the completing type.
    pub(crate) fn refusal(&self, error: &TokenStream) -> TokenStream {
        match self {
            Self::Value(_) | Self::Fallible(_) => quote!(::core::result::Result::Err(#error)),
            _ => quote!(::core::option::Option::Some(::core::result::Result::Err(#error))),
        }
    }

    /// `value`, of the method's own type, as an answer of the completing type.
    pub(crate) fn answer(&self, value: &TokenStream, ctx: &Ident) -> TokenStream {
        let ok = quote!(::core::result::Result::Ok);
        let root = root();
        let failed = quote!(#root::expansion::failed);
        match self {
            Self::Value(_) => quote!(#ok(#value)),
            Self::Optional(_) => quote!((#value).map(#ok)),
            Self::Fallible(_) => quote!((#value).map_err(|error| #failed(#ctx, error))),
            Self::FallibleOptional(_) => quote!((#value).map_err(|error| #failed(#ctx, error)).transpose()),
            Self::OptionalFallible(_) => {
                quote!((#value).map(|answer| answer.map_err(|error| #failed(#ctx, error))))
            }
        }
    }
}

/// The first type argument of `ty`, where its last name is one of `names`.
fn inside<'a>(ty: &'a Type, names: &[&str]) -> Option<&'a Type> {
    let path = match ty {
        Type::Path(path) => &path.path,
        Type::Group(group) => return inside(&group.elem, names),
        Type::Paren(paren) => return inside(&paren.elem, names),
        _ => return None,
    };
    let last = path.segments.last().filter(|last| names.iter().any(|name| last.ident == name))?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| if let GenericArgument::Type(ty) = argument { Some(ty) } else { None })
}
