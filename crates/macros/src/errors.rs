//! The compile errors of the macro. Each says what is wrong and what to write instead.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::Error;

pub(crate) fn not_a_block(at: Span) -> Error {
    Error::new(
        at,
        "`#[guarded]` goes above `#[Object]`, `#[ComplexObject]` or `#[Subscription]` on an `impl` block, or above \
         `#[derive(SimpleObject)]` on a struct, because it must expand first",
    )
}

pub(crate) fn not_simple(structure: &Ident) -> Error {
    Error::new(
        structure.span(),
        format!(
            "`{structure}` is not a GraphQL object: put `#[guarded]` above `#[derive(SimpleObject)]` on a struct with named fields"
        ),
    )
}

pub(crate) fn complex(at: impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "`complex` is not supported with `#[guarded]`: write an `#[Object]` block with a method for each field",
    )
}

pub(crate) fn no_rule(method: &Ident) -> Error {
    Error::new(
        method.span(),
        format!(
            "the field `{method}` has no rule\n\
             add one above it: `#[public]`, `#[requires(signed_in)]`, `#[requires(role = …)]` or \
             `#[requires(permission = …)]`\n\
             or add one to the whole block: `#[guarded(signed_in)]`"
        ),
    )
}

pub(crate) fn two_rules(at: impl ToTokens) -> Error {
    Error::new_spanned(at, "a field can have only one rule: combine a role and a permission in one `#[requires(…)]`")
}

pub(crate) fn unknown_word(word: &Ident) -> Error {
    Error::new(
        word.span(),
        format!(
            "there is no rule `{word}`: use `signed_in`, `session`, `mfa`, `fresh`, `role = …` or `permission = …`, the \
             last two optionally with `or_self`"
        ),
    )
}

pub(crate) fn duplicate_word(word: &Ident) -> Error {
    Error::new(word.span(), format!("`{word}` is given twice: remove one"))
}

pub(crate) fn needs_value(word: &Ident) -> Error {
    Error::new(word.span(), format!("`{word}` requires a value: `{word} = …`"))
}

pub(crate) fn takes_no_value(word: &Ident) -> Error {
    Error::new(word.span(), format!("`{word}` takes no value: remove it"))
}

pub(crate) fn empty_rule(at: impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "`#[requires(…)]` requires a rule: `signed_in`, `session`, `mfa`, `fresh`, `role = …` or `permission = …`; for a field without requirements, write `#[public]`",
    )
}

pub(crate) fn public_required(word: &Ident) -> Error {
    Error::new(word.span(), "`public` is not a requirement: write `#[public]` instead of `#[requires(public)]`")
}

pub(crate) fn public_with_more(word: &Ident) -> Error {
    Error::new(word.span(), "`public` can't be combined with other words: remove it or the others")
}

pub(crate) fn signed_in_with_more(word: &Ident) -> Error {
    Error::new(word.span(), "a role, a permission or a session already requires a sign-in: remove `signed_in`")
}

pub(crate) fn session_with(word: &Ident, session: &Ident) -> Error {
    Error::new(session.span(), format!("`{word}` already requires a session: remove `session`"))
}

pub(crate) fn or_self_alone(word: &Ident) -> Error {
    Error::new(
        word.span(),
        "`or_self` lets the owner pass without the role or permission: combine it with `role = …` or `permission = …`",
    )
}

pub(crate) fn or_self_signed_in(word: &Ident) -> Error {
    Error::new(word.span(), "the owner already passes `signed_in`: remove `or_self`, or require a role or a permission")
}

pub(crate) fn public_takes_nothing(at: impl ToTokens) -> Error {
    Error::new_spanned(at, "`#[public]` takes no arguments: remove them")
}

pub(crate) fn rule_on_skipped(at: impl ToTokens) -> Error {
    Error::new_spanned(at, "a skipped method is not a field, so its rule protects nothing: remove the rule")
}

pub(crate) fn native(at: impl ToTokens, word: &str) -> Error {
    Error::new_spanned(at, format!("`{word}` is generated from the field's rule: remove it and write a rule instead"))
}

pub(crate) fn derived(at: impl ToTokens) -> Error {
    Error::new_spanned(at, "a derived field has no rule of its own: write a method with a rule instead")
}

pub(crate) fn flattened(at: impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "the fields of a flattened type have their own rules, and no other rule can apply to them: write `#[public]` above this \
         method, in a block without a rule or `#[guarded(public)]`",
    )
}

pub(crate) fn no_return_type(method: &Ident) -> Error {
    Error::new(method.span(), format!("the field `{method}` has no return type: add one"))
}

pub(crate) fn no_self(method: &Ident) -> Error {
    Error::new(method.span(), format!("the method of the field `{method}` must take `&self` as its first parameter"))
}
