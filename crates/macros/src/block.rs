//! The `impl` block: its own rule, its methods, and the expansion.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Error, ImplItem, ImplItemFn, Item, ItemImpl, Result, ext::IdentExt};

use crate::{
    at_hand,
    attribute::{self, Kind},
    awaited::AwaitedField,
    emit, errors,
    field::{self, Attributes, Part},
    method,
    planned::{PlannedField, planned},
    root::root,
    rule::{Rule, Words},
    structure,
};

/// Expands the block `input` to one with a check in every field, or to compile errors. On an error the block is
/// omitted, because async-graphql's errors about it would hide ours.
pub(crate) fn expand(arguments: TokenStream, input: TokenStream) -> TokenStream {
    let guarded = match syn::parse2::<Item>(input) {
        Ok(Item::Impl(block)) => guarded(arguments, block),
        Ok(Item::Struct(structure)) => structure::split(structure).and_then(|(structure, block)| {
            let block = guarded(arguments, block)?;
            Ok(quote!(#structure #block))
        }),
        _ => Err(errors::not_a_block(Span::call_site())),
    };
    guarded.unwrap_or_else(Error::into_compile_error)
}

fn guarded(arguments: TokenStream, mut block: ItemImpl) -> Result<TokenStream> {
    let constants = guard(arguments, &mut block)?;
    Ok(quote!(#block #constants))
}

fn guard(arguments: TokenStream, block: &mut ItemImpl) -> Result<TokenStream> {
    let found = block.attrs.iter_mut().find_map(|attribute| Kind::of(attribute).map(|kind| (attribute, kind)));
    let Some((attribute, kind)) = found else { return Err(errors::not_a_block(Span::call_site())) };
    field::refuse_native(&attribute::arguments(attribute)?)?;
    let words: Words = syn::parse2(arguments)?;
    let rule = if words.is_empty() { None } else { Some(words.rule(true)?) };
    let mut made = Vec::new();
    if let (Some(rule), false) = (&rule, matches!(kind, Kind::Complex)) {
        let constant = format_ident!("__RULES_OF_BLOCK");
        let rules = std::slice::from_ref(rule);
        for directive in emit::directives(rules, &constant, None) {
            attribute::add(attribute, &directive);
        }
        made.extend(emit::constant(rules, &constant, &[]));
    }
    if matches!(kind, Kind::Object { concrete: false }) {
        attribute::add(attribute, &quote!(visible = "Self::__is_type_visible"));
        made.push(emit::type_visibility(&kind));
    }
    let is_planned = matches!(kind, Kind::Object { concrete: false }) && !attribute::is_left_to_library(attribute);
    if is_planned {
        let engine = format!("{}::expansion::graphql", root()).replace(' ', "");
        attribute::add(attribute, &quote!(crate = #engine));
    }
    let (mut errors, mut fields) = (Vec::new(), Vec::new());
    for (index, item) in block.items.iter_mut().enumerate() {
        if let ImplItem::Fn(method) = item {
            match guard_method(method, index, rule.as_ref(), &kind) {
                Ok(guarded) => {
                    made.push(guarded.items);
                    fields.extend(guarded.planned);
                }
                Err(error) => errors.push(error),
            }
        }
    }
    errors.into_iter().reduce(join).map_or(Ok(()), Err)?;
    let (generics, _, conditions) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    let planned = is_planned.then(|| planned(block, fields));
    Ok(quote! {
        #[doc(hidden)]
        impl #generics #ty #conditions {
            #(#made)*
        }
        #planned
    })
}

fn join(mut all: Error, one: Error) -> Error {
    all.combine(one);
    all
}

/// What a guarded method needs beside it.
#[derive(Default)]
struct GuardedMethod {
    items: TokenStream,
    planned: Option<PlannedField>,
}

fn guard_method(method: &mut ImplItemFn, index: usize, block: Option<&Rule>, kind: &Kind) -> Result<GuardedMethod> {
    let Attributes { part, rule } = field::read(method)?;
    if part == Part::Skipped {
        return Ok(GuardedMethod::default());
    }
    let rules = match (block, rule.as_ref().map(|rule| &rule.0)) {
        (None, None) => return Err(errors::no_rule(&method.sig.ident)),
        (Some(rule), None) | (None, Some(rule)) => vec![rule.clone()],
        (Some(block), Some(field)) => block.and(field),
    };
    let is_public = rules.iter().all(Rule::is_public);
    if part == Part::Flattened {
        return if is_public { Ok(GuardedMethod::default()) } else { Err(errors::flattened(&method.sig.ident)) };
    }
    let name = method.sig.ident.unraw().to_string();
    // `fooBar` and `foobar` have the same upper-case name; the index distinguishes them, and the block's constant.
    let constant = format_ident!("__RULES_OF_{}_{index}", name.to_uppercase());
    let is_field_of_object = part == Part::Field && matches!(kind, Kind::Object { concrete: false });
    let taken = if is_field_of_object { at_hand::take(method, &rules, &constant) } else { None };
    let (at_hand, mut made) = taken.map_or((None, TokenStream::new()), |(field, moved)| (Some(field), moved));
    let awaited = if is_field_of_object && at_hand.is_none() { AwaitedField::of(method) } else { None };
    let required = method::rewrite(method, &rules, &constant, kind)?;
    let awaited = awaited.map(|field| if is_public { field } else { field.with_check() });
    let cfg: Vec<_> = method.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
    made.extend(emit::constant(&rules, &constant, &cfg));
    if part == Part::Field {
        for directive in emit::directives(&rules, &constant, required.as_ref()) {
            field::add_option(&mut method.attrs, &directive);
        }
        made.extend(emit::visibility(method, &rules, &constant, &name, &cfg));
    }
    Ok(GuardedMethod {
        items: made,
        planned: at_hand.map(PlannedField::AtHand).or_else(|| awaited.map(PlannedField::Awaited)),
    })
}
