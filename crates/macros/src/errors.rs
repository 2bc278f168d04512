//! What the macro says to an author whose block it cannot guard: what is wrong, and what to write instead.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::Error;

pub(crate) fn not_a_block(at: Span) -> Error {
    Error::new(
        at,
        "`#[guarded]` goes above `#[Object]`, `#[ComplexObject]` or `#[Subscription]` on an `impl` block, or above \
         `#[derive(SimpleObject)]` on a struct: it has to be expanded before them",
    )
}

pub(crate) fn not_simple(structure: &Ident) -> Error {
    Error::new(
        structure.span(),
        format!(
            "`{structure}` is no GraphQL object: `#[guarded]` goes above `#[derive(SimpleObject)]` on a struct with named fields"
        ),
    )
}

pub(crate) fn complex(at: impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "fields and methods of a guarded type stand in one block: write an `#[Object]` with a method for each",
    )
}

pub(crate) fn no_rule(method: &Ident) -> Error {
    Error::new(
        method.span(),
        format!(
            "the field `{method}` has no rule\n\
             write one above it: `#[public]`, `#[requires(signed_in)]`, `#[requires(role = …)]` or \
             `#[requires(permission = …)]`\n\
             or give one to the whole block: `#[guarded(signed_in)]`"
        ),
    )
}

pub(crate) fn two_rules(at: impl ToTokens) -> Error {
    Error::new_spanned(at, "a field has one rule; to demand more, name a role and a permission in one `#[requires(…)]`")
}

pub(crate) fn unknown_word(word: &Ident) -> Error {
    Error::new(
        word.span(),
        format!(
            "there is no rule `{word}`; a rule is `signed_in`, `session`, `fresh`, `role = …` or `permission = …`, the last \
             two with `or_self` where the owner may pass too"
        ),
    )
}

pub(crate) fn said_twice(word: &Ident) -> Error {
    Error::new(word.span(), format!("`{word}` is said twice"))
}

pub(crate) fn needs_value(word: &Ident) -> Error {
    Error::new(word.span(), format!("`{word}` names what is demanded: `{word} = …`"))
}

pub(crate) fn takes_no_value(word: &Ident) -> Error {
    Error::new(word.span(), format!("`{word}` takes no value"))
}

pub(crate) fn empty_rule(at: impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "`#[requires(…)]` says what is demanded: `signed_in`, `session`, `fresh`, `role = …` or `permission = …`; a field that demands nothing is `#[public]`",
    )
}

pub(crate) fn public_required(word: &Ident) -> Error {
    Error::new(word.span(), "`public` demands nothing: write `#[public]` instead of `#[requires(public)]`")
}

pub(crate) fn public_with_more(word: &Ident) -> Error {
    Error::new(word.span(), "`public` demands nothing, so nothing stands beside it")
}

pub(crate) fn signed_in_with_more(word: &Ident) -> Error {
    Error::new(word.span(), "a role, a permission or a session already demands being signed in: leave `signed_in` out")
}

pub(crate) fn session_with_fresh(word: &Ident) -> Error {
    Error::new(word.span(), "a fresh session is a session: leave `session` out")
}

pub(crate) fn or_self_alone(word: &Ident) -> Error {
    Error::new(
        word.span(),
        "`or_self` lets the owner pass where others need a role or a permission: it stands beside `role = …` or `permission = …`",
    )
}

pub(crate) fn or_self_signed_in(word: &Ident) -> Error {
    Error::new(
        word.span(),
        "everyone who is signed in passes `signed_in`, the owner too: leave `or_self` out, or demand a role or a permission",
    )
}

pub(crate) fn public_takes_nothing(at: impl ToTokens) -> Error {
    Error::new_spanned(at, "`#[public]` takes nothing")
}

pub(crate) fn rule_on_skipped(at: impl ToTokens) -> Error {
    Error::new_spanned(at, "a skipped method is not a field, and a rule on it would protect nothing: remove the rule")
}

pub(crate) fn native(at: impl ToTokens, word: &str) -> Error {
    Error::new_spanned(
        at,
        format!(
            "`{word}` is made from the field's rule, so that nothing can contradict it: remove it and say it as a rule"
        ),
    )
}

pub(crate) fn derived(at: impl ToTokens) -> Error {
    Error::new_spanned(at, "a derived field would have no rule of its own: write it as a method with one")
}

pub(crate) fn flattened(at: impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "a flattened type's fields carry their own rules, and no other rule can hold for them: write `#[public]` above this \
         method, in a block without a rule or `#[guarded(public)]`",
    )
}

pub(crate) fn no_return_type(method: &Ident) -> Error {
    Error::new(method.span(), format!("the field `{method}` has no return type, so it would answer nothing"))
}

pub(crate) fn no_self(method: &Ident) -> Error {
    Error::new(method.span(), format!("the method of the field `{method}` takes `&self` first"))
}
