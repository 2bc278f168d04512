//! Fields that are at hand: their methods neither wait nor take arguments. The original body of such a method moves to a
//! method of its own, from which the resolver and the reader that the macro generates both get the value, so that they
//! can't differ.

use heck::ToLowerCamelCase;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, FnArg, ImplItemFn, ItemImpl, ReturnType, Type,
    ext::IdentExt,
    parse_quote,
    visit::{self, Visit},
};

use crate::{field, returns::Returns, root::root, rule::Rule};

/// A field that is at hand.
pub(crate) struct FieldAtHand {
    /// Its name in the schema.
    name: String,
    cfg: Vec<Attribute>,
    /// The method that returns its value.
    value: Ident,
    ty: Type,
    /// The constant with its rules, unless it is public.
    rules: Option<Ident>,
    yields_to_owner: bool,
}

/// Moves the body of `method` to a method of its own if the field is at hand, and returns that method.
pub(crate) fn take(method: &mut ImplItemFn, rules: &[Rule], constant: &Ident) -> Option<(FieldAtHand, TokenStream)> {
    let ReturnType::Type(_, ty) = method.sig.output.clone() else { return None };
    let is_public = rules.iter().all(Rule::is_public);
    if !is_at_hand(method, &ty) {
        return None;
    }
    let name = method.sig.ident.unraw().to_string();
    let value = format_ident!("__value_of_{name}");
    let cfg: Vec<_> = method.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
    let body = std::mem::replace(&mut method.block, parse_quote!({ self.#value() }));
    let moved = quote! {
        #(#cfg)*
        #[inline]
        #[allow(clippy::unnecessary_wraps, clippy::unused_self, clippy::trivially_copy_pass_by_ref)]
        fn #value(&self) -> #ty #body
    };
    let field = FieldAtHand {
        name: field::name(&method.attrs).unwrap_or_else(|| name.to_lower_camel_case()),
        cfg,
        value,
        ty: *ty,
        rules: (!is_public).then(|| constant.clone()),
        yields_to_owner: rules.iter().any(Rule::yields_to_owner),
    };
    Some((field, moved))
}

fn is_at_hand(method: &ImplItemFn, ty: &Type) -> bool {
    let signature = &method.sig;
    let borrows_self = matches!(
        signature.inputs.first(),
        Some(FnArg::Receiver(receiver)) if receiver.reference.is_some() && receiver.mutability.is_none()
    );
    let is_lint = |attribute: &Attribute| {
        ["allow", "expect", "warn", "deny", "forbid"].iter().any(|level| attribute.path().is_ident(level))
    };
    borrows_self
        && signature.inputs.len() == 1
        && signature.generics.params.is_empty()
        && matches!(Returns::of(ty), Returns::Value(_) | Returns::Optional(_))
        && !has_impl_trait(ty)
        && !waits(method.block.to_token_stream())
        // The attribute is about a body that would be elsewhere.
        && !method.attrs.iter().any(is_lint)
}

fn has_impl_trait(ty: &Type) -> bool {
    struct Search(bool);
    impl Visit<'_> for Search {
        fn visit_type(&mut self, ty: &Type) {
            self.0 |= matches!(ty, Type::ImplTrait(_));
            visit::visit_type(self, ty);
        }
    }
    let mut search = Search(false);
    search.visit_type(ty);
    search.0
}

/// Whether the body has `.await`, in a macro's arguments, too.
fn waits(body: TokenStream) -> bool {
    body.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "await",
        TokenTree::Group(group) => waits(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Implements `Planned` for the type of `block`.
pub(crate) fn planned(block: &ItemImpl, fields: &[FieldAtHand]) -> TokenStream {
    let root = root();
    let (generics, _, conditions) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    let known = fields.iter().enumerate().map(|(index, field)| known(index, field));
    let written = fields.iter().enumerate().map(|(index, field)| written(index, field));
    let resolved = fields.iter().enumerate().map(|(index, field)| resolved(index, field));
    let owned = fields.iter().any(|field| field.yields_to_owner).then(|| owned(&root));
    let methods = (!fields.is_empty()).then(|| {
        quote! {
            fn field(name: &str) -> ::core::option::Option<#root::plan::FieldAtHand> {
                match name {
                    #(#known)*
                    _ => ::core::option::Option::None,
                }
            }

            fn write_field(
                &self,
                index: usize,
                nested: ::core::option::Option<&#root::plan::Plan<'_>>,
                writer: &mut #root::plan::Writer<'_>,
            ) {
                match index {
                    #(#written)*
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
                        #(#resolved)*
                        _ => ::core::result::Result::Ok(::core::default::Default::default()),
                    }
                })
            }
        }
    });
    quote! {
        #[doc(hidden)]
        impl #generics #root::plan::Planned for #ty #conditions {
            #methods
            #owned
        }
    }
}

fn known(index: usize, field: &FieldAtHand) -> TokenStream {
    let root = root();
    let FieldAtHand { name, cfg, ty, rules, .. } = field;
    let rules = rules.as_ref().map_or_else(|| quote!(&[]), |constant| quote!(Self::#constant));
    quote! {
        #(#cfg)*
        #name => {
            #[allow(unused_imports)]
            use #root::at_hand::{DirectShape as _, NoShape as _, WrittenShape as _};
            ::core::option::Option::Some(#root::plan::FieldAtHand {
                index: #index,
                rules: #rules,
                shape: (&&#root::at_hand::Probe::<#ty>::NEW).shape(),
            })
        }
    }
}

fn written(index: usize, field: &FieldAtHand) -> TokenStream {
    let root = root();
    let FieldAtHand { cfg, value, .. } = field;
    quote! {
        #(#cfg)*
        #index => {
            #[allow(unused_imports)]
            use #root::at_hand::{WriteDirect as _, WriteNothing as _, WriteWritten as _};
            (&&#root::at_hand::Value(self.#value())).write(nested, writer);
        }
    }
}

fn resolved(index: usize, field: &FieldAtHand) -> TokenStream {
    let root = root();
    let FieldAtHand { cfg, value, .. } = field;
    quote! {
        #(#cfg)*
        #index => {
            #[allow(unused_imports)]
            use #root::at_hand::{ResolveNothing as _, ResolveWritten as _};
            let value = #root::at_hand::Value(self.#value());
            (&value).resolve(nested, ctx).await
        }
    }
}

fn owned(root: &TokenStream) -> TokenStream {
    quote! {
        fn is_owned_by(&self, caller: ::core::option::Option<&#root::caller::Caller>) -> bool {
            #root::Owned::is_owned_by(self, caller.and_then(#root::caller::Caller::principal))
        }

        fn note_read(&self, ctx: &#root::expansion::Context<'_>, coordinates: &[::std::string::String]) {
            #root::Owned::note_read(self, ctx, coordinates);
        }
    }
}
