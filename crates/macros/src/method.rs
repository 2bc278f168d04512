//! Rewrites a method: first the check, then the original body, with a return type that handles a denial correctly.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{
    FnArg, ImplItemFn, Pat, Result, ReturnType, Signature, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

use crate::{attribute::Kind, errors, returns::Returns, root::root, rule::Rule};

/// Adds the check of `rules`, which are in the block's constant `constant`, to `method`. Returns the field's type if
/// its spelling is not nullable.
pub(crate) fn rewrite(method: &mut ImplItemFn, rules: &[Rule], constant: &Ident, kind: &Kind) -> Result<Option<Type>> {
    let name = method.sig.ident.clone();
    let ReturnType::Type(_, ty) = method.sig.output.clone() else { return Err(errors::no_return_type(&name)) };
    let returns = Returns::of(&ty);
    let public = rules.iter().all(Rule::is_public);
    let has_arguments = has_arguments(&method.sig);
    if public && !has_arguments && !returns.is_fallible() {
        return Ok(None);
    }
    let Some(FnArg::Receiver(_)) = method.sig.inputs.first() else { return Err(errors::no_self(&name)) };
    let ctx = context(&mut method.sig);
    let answer = returns.answer(&own_body(method, &ty), &ctx);
    let refusal = returns.refusal(&quote!(refusal));
    let checks = (!public).then(|| check(rules, constant, &ctx, kind));
    let checks = checks.into_iter().chain(has_arguments.then(|| check_arguments(&ctx, kind)));
    // The last check is innermost, so the first failing check determines the error.
    let body = checks.rev().fold(answer, |passed, check| {
        quote! {
            match #check {
                ::core::result::Result::Err(refusal) => #refusal,
                ::core::result::Result::Ok(()) => #passed,
            }
        }
    });
    let required = returns.required().cloned().filter(|_| matches!(kind, Kind::Object { .. } | Kind::Complex));
    let completing = returns.completing();
    method.sig.output = parse_quote!(-> #completing);
    method.block = parse_quote!({ #body });
    if let (false, Some(bound)) = (public && !has_arguments, kind.name_bound()) {
        method.sig.generics.make_where_clause().predicates.push(bound);
    }
    Ok(required)
}

fn check(rules: &[Rule], constant: &Ident, ctx: &Ident, kind: &Kind) -> TokenStream {
    let (root, type_name) = (root(), kind.type_name());
    if rules.iter().any(Rule::yields_to_owner) {
        quote!(#root::expansion::check_owned(#ctx, Self::#constant, self, #type_name))
    } else {
        quote!(#root::expansion::check(#ctx, Self::#constant, #type_name))
    }
}

fn check_arguments(ctx: &Ident, kind: &Kind) -> TokenStream {
    let (root, type_name) = (root(), kind.type_name());
    quote!(#root::expansion::check_arguments(#ctx, #type_name))
}

/// Whether the field takes arguments, which may expose other fields.
pub(crate) fn has_arguments(signature: &Signature) -> bool {
    let is_argument = |input: &FnArg| matches!(input, FnArg::Typed(typed) if !is_context(&typed.ty));
    signature.inputs.iter().any(is_argument)
}

/// The original body as an expression of the original type, in which `?` and `return` keep their meaning.
fn own_body(method: &ImplItemFn, ty: &Type) -> TokenStream {
    let body = &method.block;
    if method.sig.asyncness.is_none() {
        return quote!((move || -> #ty #body)());
    }
    // An async block can't declare its type, and without one `?` and `Ok(…)` can't be inferred. An unreachable `return`
    // declares it.
    let mut ty = ty.clone();
    InferImplTrait.visit_type_mut(&mut ty);
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

/// Replaces `impl Trait`, which is only allowed in a signature, with an inferred type.
struct InferImplTrait;

impl VisitMut for InferImplTrait {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if matches!(ty, Type::ImplTrait(_)) {
            *ty = parse_quote!(_);
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }
}

/// The name of the method's context parameter, which is added if the method has none.
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
        let root = root();
        signature.inputs.insert(1, parse_quote!(#name: &#root::expansion::Context<'_>));
    }
    name
}

fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else { return false };
    let Type::Path(path) = &*reference.elem else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Context")
}
