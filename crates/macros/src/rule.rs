//! Parses a rule in an attribute, combines the block's with the field's, and generates the constant.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{
    Error, Expr, Result, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::{errors, root::root};

/// A rule as written.
#[derive(Clone, Default)]
pub(crate) struct Rule {
    role: Option<Expr>,
    permission: Option<Expr>,
    or_self: bool,
    mfa: bool,
    level: CallerLevel,
}

/// The required kind of caller. Each level includes the previous ones.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum CallerLevel {
    #[default]
    Any,
    SignedIn,
    Session,
    FreshSession,
}

impl Rule {
    pub(crate) fn public() -> Self {
        Self::default()
    }

    pub(crate) fn is_public(&self) -> bool {
        self.level == CallerLevel::Any
    }

    pub(crate) fn yields_to_owner(&self) -> bool {
        self.or_self
    }

    /// Combines both rules: one rule if it has the same meaning for every caller, otherwise two.
    ///
    /// Two are needed if both have a role, or both have a permission, or only one has `or_self`: an owner who passes it
    /// would be denied by the other.
    pub(crate) fn and(&self, other: &Self) -> Vec<Self> {
        if self.is_public() || other.is_public() {
            return vec![if self.is_public() { other } else { self }.clone()];
        }
        let clash = (self.role.is_some() && other.role.is_some())
            || (self.permission.is_some() && other.permission.is_some())
            || self.or_self != other.or_self;
        if clash {
            return vec![self.clone(), other.clone()];
        }
        vec![Self {
            role: self.role.clone().or_else(|| other.role.clone()),
            permission: self.permission.clone().or_else(|| other.permission.clone()),
            or_self: self.or_self,
            mfa: self.mfa || other.mfa,
            level: self.level.max(other.level),
        }]
    }

    /// The rule as a constant expression.
    pub(crate) fn constant(&self) -> TokenStream {
        let root = root();
        if self.is_public() {
            return quote!(#root::policy::rule::Rule::PUBLIC);
        }
        let role = self.role.iter().map(|role| quote!(.role(#role)));
        let permission = self.permission.iter().map(|permission| quote!(.permission(#permission)));
        let or_self = self.or_self.then(|| quote!(.or_self()));
        let session = match self.level {
            CallerLevel::FreshSession => Some(quote!(.fresh())),
            CallerLevel::Session if self.mfa => None,
            CallerLevel::Session => Some(quote!(.session())),
            CallerLevel::SignedIn | CallerLevel::Any => None,
        };
        let mfa = self.mfa.then(|| quote!(.mfa()));
        quote!(#root::policy::rule::Rule::SIGNED_IN #(#role)* #(#permission)* #or_self #session #mfa)
    }
}

/// The words in the parentheses of `#[requires(…)]` or `#[guarded(…)]`.
pub(crate) struct Words(Vec<Word>);

struct Word {
    name: Ident,
    value: Option<Expr>,
}

impl Parse for Words {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let words = Punctuated::<Word, Token![,]>::parse_terminated(input)?;
        Ok(Self(words.into_iter().collect()))
    }
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = input.parse::<Option<Token![=]>>()?.map(|_| input.parse()).transpose()?;
        Ok(Self { name, value })
    }
}

impl Words {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Builds the rule from the words. `public` is valid only for blocks: a field uses `#[public]`.
    pub(crate) fn rule(self, of_a_block: bool) -> Result<Rule> {
        let mut rule = Rule::default();
        let mut seen: Vec<Ident> = Vec::new();
        for Word { name, value } in self.0 {
            if seen.contains(&name) {
                return Err(errors::duplicate_word(&name));
            }
            match name.to_string().as_str() {
                "role" => rule.role = Some(value.ok_or_else(|| errors::needs_value(&name))?),
                "permission" => rule.permission = Some(value.ok_or_else(|| errors::needs_value(&name))?),
                "public" | "signed_in" | "or_self" | "session" | "mfa" | "fresh" if value.is_some() => {
                    return Err(errors::takes_no_value(&name));
                }
                "public" if !of_a_block => return Err(errors::public_required(&name)),
                "or_self" => rule.or_self = true,
                "signed_in" => rule.level = CallerLevel::SignedIn,
                "session" => rule.level = CallerLevel::Session,
                "mfa" => rule.mfa = true,
                "fresh" => rule.level = CallerLevel::FreshSession,
                "public" => {}
                _ => return Err(errors::unknown_word(&name)),
            }
            seen.push(name);
        }
        let demands = rule.role.is_some() || rule.permission.is_some();
        if demands {
            rule.level = rule.level.max(CallerLevel::SignedIn);
        }
        if rule.mfa {
            rule.level = rule.level.max(CallerLevel::Session);
        }
        contradiction(&seen, demands).map_or(Ok(rule), Err)
    }
}

fn contradiction(words: &[Ident], demands: bool) -> Option<Error> {
    let find = |word: &str| words.iter().find(|known| *known == word);
    match (find("public"), find("signed_in"), find("or_self")) {
        (Some(public), ..) if words.len() > 1 => Some(errors::public_with_more(public)),
        (_, Some(signed_in), _) if demands || find("session").or(find("mfa")).or(find("fresh")).is_some() => {
            Some(errors::signed_in_with_more(signed_in))
        }
        (_, Some(_), Some(or_self)) => Some(errors::or_self_signed_in(or_self)),
        (_, None, Some(or_self)) if !demands => Some(errors::or_self_alone(or_self)),
        _ => find("fresh").or(find("mfa")).and_then(|word| Some(errors::session_with(word, find("session")?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(words: &str) -> Rule {
        syn::parse_str::<Words>(words).and_then(|words| words.rule(true)).unwrap()
    }

    #[test]
    fn rules_are_combined_if_the_meaning_is_the_same() {
        for (block, field, joined) in [
            ("public", "public", vec!["public"]),
            ("public", "role = \"a\"", vec!["role = \"a\""]),
            ("permission = P", "public", vec!["permission = P"]),
            ("signed_in", "permission = P", vec!["permission = P"]),
            ("permission = P", "signed_in", vec!["permission = P"]),
            ("role = \"a\"", "permission = P", vec!["role = \"a\", permission = P"]),
            ("role = \"a\", or_self", "permission = P, or_self", vec!["role = \"a\", permission = P, or_self"]),
            ("signed_in", "permission = P, or_self", vec!["signed_in", "permission = P, or_self"]),
            ("role = \"a\"", "permission = P, or_self", vec!["role = \"a\"", "permission = P, or_self"]),
            ("permission = P", "permission = Q", vec!["permission = P", "permission = Q"]),
            ("role = \"a\"", "role = \"b\"", vec!["role = \"a\"", "role = \"b\""]),
            ("session", "fresh", vec!["fresh"]),
            ("session", "mfa", vec!["mfa"]),
            ("fresh", "mfa", vec!["fresh, mfa"]),
            ("mfa", "permission = P", vec!["permission = P, mfa"]),
            ("session", "permission = P", vec!["permission = P, session"]),
            ("signed_in", "fresh", vec!["fresh"]),
            ("session", "permission = P, or_self", vec!["session", "permission = P, or_self"]),
        ] {
            let text = |rules: Vec<Rule>| rules.iter().map(|rule| rule.constant().to_string()).collect::<Vec<_>>();
            let expected = joined.into_iter().map(rule).collect();
            assert_eq!(text(rule(block).and(&rule(field))), text(expected), "{block} and {field}");
        }
    }
}
