//! Rewrites a method: the check first, then the author's own body, and a return type that completes a refusal correctly.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{
    FnArg, ImplItemFn, Pat, Result, ReturnType, Signature, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

use crate::{attribute::Kind, errors, returns::Returns, rule::Rule};

/// Puts the check of `rules`, which the block holds as its constant `constant`, into `method`.
pub(crate) fn rewrite(method: &mut ImplItemFn, rules: &[Rule], constant: &Ident, kind: &Kind) -> Result<()> {
    let name = method.sig.ident.clone();
    let ReturnType::Type(_, ty) = method.sig.output.clone() else { return Err(errors::no_return_type(&name)) };
    let returns = Returns::of(&ty);
    let public = rules.iter().all(Rule::is_public);
    if public && !returns.is_fallible() {
        return Ok(());
    }
    let Some(FnArg::Receiver(_)) = method.sig.inputs.first() else { return Err(errors::no_self(&name)) };
    let ctx = context(&mut method.sig);
    let answer = returns.answer(&own_body(method, &ty), &ctx);
    let body = if public {
        answer
    } else {
        let check = check(rules, constant, &ctx, kind);
        let refusal = returns.refusal(&quote!(refusal));
        quote! {
            match #check {
                ::core::result::Result::Err(refusal) => #refusal,
                ::core::result::Result::Ok(()) => #answer,
            }
        }
    };
    let completing = returns.completing();
    method.sig.output = parse_quote!(-> #completing);
    method.block = parse_quote!({ #body });
    if let (false, Some(bound)) = (public, kind.name_bound()) {
        method.sig.generics.make_where_clause().predicates.push(bound);
    }
    Ok(())
}

fn check(rules: &[Rule], constant: &Ident, ctx: &Ident, kind: &Kind) -> TokenStream {
    let owner = if rules.iter().any(Rule::yields_to_owner) {
        quote! {
            |caller| ::fieldguard::graphql::guard::Owned::is_owned_by(self, caller),
            || ::fieldguard::graphql::guard::Owned::owner(self)
        }
    } else {
        quote!(|_| false, || ::core::option::Option::None)
    };
    let type_name = kind.type_name();
    quote!(::fieldguard::graphql::guard::expansion::check(#ctx, Self::#constant, #owner, #type_name))
}

/// The author's body as an expression of the author's type, in which `?` and `return` mean what they meant.
fn own_body(method: &ImplItemFn, ty: &Type) -> TokenStream {
    let body = &method.block;
    if method.sig.asyncness.is_none() {
        return quote!((move || -> #ty #body)());
    }
    // An async block cannot state its type, and without one `?` and `Ok(…)` could not be inferred. A `return` that is
    // never reached states it.
    let mut ty = ty.clone();
    Unnamed.visit_type_mut(&mut ty);
    let statements = &body.stmts;
    quote! {
        async move {
            if let ::core::option::Option::Some(never) = ::core::option::Option::None::<#ty> {
                return never;
            }
            #(#statements)*
        }.await
    }
}

/// Leaves to inference what only a signature may say: `impl Trait`, and lifetimes.
struct Unnamed;

impl VisitMut for Unnamed {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if matches!(ty, Type::ImplTrait(_)) {
            *ty = parse_quote!(_);
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }
}

/// The name of the method's context, which is added where the method did not ask for one.
fn context(signature: &mut Signature) -> Ident {
    let name = Ident::new("__ctx", Span::call_site());
    if let Some(FnArg::Typed(argument)) = signature.inputs.iter_mut().nth(1)
        && is_context(&argument.ty)
    {
        match &mut *argument.pat {
            Pat::Ident(pattern) => return pattern.ident.clone(),
            pattern => *pattern = parse_quote!(#name),
        }
    } else {
        signature.inputs.insert(1, parse_quote!(#name: &::fieldguard::graphql::guard::expansion::Context<'_>));
    }
    name
}

fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else { return false };
    let Type::Path(path) = &*reference.elem else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Context")
}
