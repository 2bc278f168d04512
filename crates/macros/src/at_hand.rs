//! Fields that are at hand: their methods neither wait nor take arguments. The original body of such a method moves to a
//! method of its own, from which the resolver and the reader that the macro generates both get the value, so that they
//! can't differ.

use heck::ToLowerCamelCase;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, FnArg, ImplItemFn, ReturnType, Signature, Type,
    ext::IdentExt,
    parse_quote,
    visit::{self, Visit},
};

use crate::{field, returns::Returns, rule::Rule};

/// A field that is at hand.
pub(crate) struct FieldAtHand {
    /// Its name in the schema.
    pub(crate) name: String,
    pub(crate) cfg: Vec<Attribute>,
    /// The method that returns its value.
    pub(crate) value: Ident,
    pub(crate) ty: Type,
    /// The constant with its rules, unless it is public.
    pub(crate) rules: Option<Ident>,
    pub(crate) yields_to_owner: bool,
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
    let is_lint = |attribute: &Attribute| {
        ["allow", "expect", "warn", "deny", "forbid"].iter().any(|level| attribute.path().is_ident(level))
    };
    borrows_self(signature)
        && signature.inputs.len() == 1
        && signature.generics.params.is_empty()
        && matches!(Returns::of(ty), Returns::Value(_) | Returns::Optional(_))
        && !has_impl_trait(ty)
        && !waits(method.block.to_token_stream())
        // The attribute is about a body that would be elsewhere.
        && !method.attrs.iter().any(is_lint)
}

/// Whether the receiver is `&self`.
pub(crate) fn borrows_self(signature: &Signature) -> bool {
    matches!(
        signature.inputs.first(),
        Some(FnArg::Receiver(receiver)) if receiver.reference.is_some() && receiver.mutability.is_none()
    )
}

pub(crate) fn has_impl_trait(ty: &Type) -> bool {
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
