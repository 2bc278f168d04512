//! Reads the attributes of a method: its rule, and the relevant options of `#[graphql(…)]`.

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, ExprLit, ImplItemFn, Lit, Meta, MetaNameValue, Result, parse_quote};

use crate::{
    attribute, errors,
    rule::{Rule, Words},
};

/// The role of a method in the schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A field.
    Field,
    /// An entity finder: not a field, but it leads to an entity.
    Entity,
    /// Leads to the fields of another type, which have their own rules.
    Flattened,
    /// Not part of the schema.
    Skipped,
}

/// The attributes of a method.
pub(crate) struct Attributes {
    pub(crate) part: Part,
    /// The rule and its attribute.
    pub(crate) rule: Option<(Rule, Attribute)>,
}

/// Removes the rule from `method` and reads the other attributes.
pub(crate) fn read(method: &mut ImplItemFn) -> Result<Attributes> {
    let rule = take_rule(&mut method.attrs)?;
    let options = options(&method.attrs)?;
    let part = part(&options);
    match &rule {
        Some((_, attribute)) if part == Part::Skipped => return Err(errors::rule_on_skipped(attribute)),
        Some((rule, attribute)) if part == Part::Flattened && !rule.is_public() => {
            return Err(errors::flattened(attribute));
        }
        _ => {}
    }
    if part != Part::Skipped {
        refuse_native(&options)?;
    }
    Ok(Attributes { part, rule })
}

/// Adds `option` to the method's `#[graphql(…)]`. async-graphql reads only the first such attribute.
pub(crate) fn add_option(attrs: &mut Vec<Attribute>, option: &TokenStream) {
    let Some(attribute) = attrs.iter_mut().find(|attribute| attribute.path().is_ident("graphql")) else {
        attrs.push(parse_quote!(#[graphql(#option)]));
        return;
    };
    attribute::add(attribute, option);
}

fn is_rule(attribute: &Attribute) -> bool {
    attribute.path().is_ident("public") || attribute.path().is_ident("requires")
}

fn take_rule(attrs: &mut Vec<Attribute>) -> Result<Option<(Rule, Attribute)>> {
    let rules: Vec<_> = attrs.extract_if(.., |attribute| is_rule(attribute)).collect();
    if let Some(second) = rules.get(1) {
        return Err(errors::two_rules(second));
    }
    let Some(attribute) = rules.into_iter().next() else { return Ok(None) };
    let rule = if attribute.path().is_ident("public") {
        attribute.meta.require_path_only().map_err(|_| errors::public_takes_nothing(&attribute))?;
        Rule::public()
    } else {
        let Meta::List(list) = &attribute.meta else { return Err(errors::empty_rule(&attribute)) };
        let words: Words = list.parse_args()?;
        if words.is_empty() {
            return Err(errors::empty_rule(&attribute));
        }
        words.rule(false)?
    };
    Ok(Some((rule, attribute)))
}

fn options(attrs: &[Attribute]) -> Result<Vec<Meta>> {
    let Some(attribute) = attrs.iter().find(|attribute| attribute.path().is_ident("graphql")) else {
        return Ok(Vec::new());
    };
    attribute::arguments(attribute)
}

/// The name that the method's own attribute gives the field.
pub(crate) fn name(attrs: &[Attribute]) -> Option<String> {
    let options = options(attrs).ok()?;
    let Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit: Lit::Str(name), .. }), .. }) =
        find(&options, "name")?
    else {
        return None;
    };
    Some(name.value())
}

fn find<'a>(options: &'a [Meta], name: &str) -> Option<&'a Meta> {
    options.iter().find(|option| option.path().is_ident(name))
}

/// The role of the method, with async-graphql's precedence: a skipped entity finder still finds entities.
fn part(options: &[Meta]) -> Part {
    let is = |name| find(options, name).is_some_and(is_on);
    match (is("entity"), is("skip"), is("flatten")) {
        (true, ..) => Part::Entity,
        (_, true, _) => Part::Skipped,
        (.., true) => Part::Flattened,
        _ => Part::Field,
    }
}

/// Whether the flag is set. `flag = false` and `flag = "false"` unset it, as in async-graphql.
fn is_on(flag: &Meta) -> bool {
    let Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit, .. }), .. }) = flag else { return true };
    match lit {
        Lit::Bool(flag) => flag.value,
        Lit::Str(text) => text.value() != "false",
        _ => true,
    }
}

pub(crate) fn refuse_native(options: &[Meta]) -> Result<()> {
    for word in ["guard", "visible"] {
        if let Some(option) = find(options, word) {
            return Err(errors::native(option, word));
        }
    }
    find(options, "derived").map_or(Ok(()), |option| Err(errors::derived(option)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_in_async_graphql() {
        for (options, expected) in [
            (quote::quote!(skip), Part::Skipped),
            (quote::quote!(skip = true), Part::Skipped),
            (quote::quote!(skip = false), Part::Field),
            (quote::quote!(skip = "false"), Part::Field),
            (quote::quote!(name = "skip"), Part::Field),
            (quote::quote!(entity, skip), Part::Entity),
            (quote::quote!(flatten, name = "x"), Part::Flattened),
            (quote::quote!(flatten = "false"), Part::Field),
        ] {
            let mut method: ImplItemFn = parse_quote!(
                #[graphql(#options)]
                fn field(&self) -> i32 {
                    1
                }
            );
            assert!(read(&mut method).unwrap().part == expected, "{options}");
        }
    }
}
