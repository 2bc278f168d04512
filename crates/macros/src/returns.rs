//! Return types: which one handles a denial correctly, and how to convert the original result to it.
//!
//! async-graphql nulls only the denied field if the type is `Option<Result<T>>`; with every other nullable and fallible
//! type it nulls the parent, too. Types are recognized by their spelling, as in async-graphql's macros.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{GenericArgument, PathArguments, Type};

use crate::root::root;

/// The return type of a method by its spelling. Each variant contains the innermost `T`.
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

    pub(crate) fn is_optional(&self) -> bool {
        !matches!(self, Self::Value(_) | Self::Fallible(_))
    }

    /// The type inside `Option` and `Result`.
    pub(crate) fn innermost(&self) -> &'a Type {
        match self {
            Self::Value(ty)
            | Self::Fallible(ty)
            | Self::Optional(ty)
            | Self::FallibleOptional(ty)
            | Self::OptionalFallible(ty) => ty,
        }
    }

    /// The type if its spelling is not nullable and it has a name.
    pub(crate) fn required(&self) -> Option<&Type> {
        match self {
            Self::Value(ty) | Self::Fallible(ty) => matches!(ty, Type::Path(_)).then_some(*ty),
            _ => None,
        }
    }

    /// The return type that handles a denial correctly.
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

    /// `error` as a value of that return type.
    pub(crate) fn refusal(&self, error: &TokenStream) -> TokenStream {
        match self {
            Self::Value(_) | Self::Fallible(_) => quote!(::core::result::Result::Err(#error)),
            _ => quote!(::core::option::Option::Some(::core::result::Result::Err(#error))),
        }
    }

    /// `value`, of the original type, as a value of that return type.
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

/// The first type argument of `ty`, if the last segment of its path is one of `names`.
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
